BEGIN TRANSACTION;
CREATE TABLE engines (id INTEGER PRIMARY KEY, engine_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE folders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE losses (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
  entries INTEGER, why TEXT NOT NULL) STRICT;
CREATE TABLE lots (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64 AND name NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*')) STRICT;
CREATE TABLE migrated (source TEXT PRIMARY KEY, run TEXT NOT NULL, serial INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE parts (
  id INTEGER PRIMARY KEY, part_id INTEGER, wall_ms INTEGER NOT NULL,
  verdict INTEGER NOT NULL, reason INTEGER NOT NULL, mode INTEGER, score INTEGER,
  rules_alone INTEGER, engine_alone INTEGER, overrun INTEGER, recipe INTEGER,
  trigger_ns INTEGER, frame INTEGER, rules_done INTEGER, engine_done INTEGER, decided INTEGER,
  reported INTEGER, deadline INTEGER,
  sequence INTEGER, published INTEGER, acked INTEGER, delivered INTEGER,
  delivered_as INTEGER, delivered_reason INTEGER,
  master_part INTEGER, master_answer INTEGER,
  rule_set INTEGER, rules BLOB, lot INTEGER, serial_number TEXT CHECK (length(serial_number) BETWEEN 1 AND 64 AND serial_number NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*')) STRICT;
CREATE TABLE pictures (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  folder INTEGER, path TEXT, map TEXT, map_low REAL, map_high REAL) STRICT;
CREATE TABLE powers (exponent INTEGER PRIMARY KEY, value REAL NOT NULL) STRICT;
CREATE TABLE rule_sets (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE rules_of_sets (rule_set INTEGER NOT NULL, position INTEGER NOT NULL,
  name TEXT NOT NULL, low REAL, high REAL, unit TEXT NOT NULL,
  PRIMARY KEY (rule_set, position)) STRICT, WITHOUT ROWID;
CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE shadows (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, verdict INTEGER NOT NULL,
  reason INTEGER NOT NULL, engine_alone INTEGER NOT NULL, score_word INTEGER NOT NULL,
  score REAL, score_fault INTEGER NOT NULL, start_ns INTEGER NOT NULL, done INTEGER NOT NULL,
  engine INTEGER NOT NULL) STRICT;
CREATE TABLE view_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE views (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, frame INTEGER, fault INTEGER NOT NULL,
  score REAL, score_fault INTEGER, start INTEGER, done INTEGER, engine INTEGER) STRICT;
CREATE TABLE words (kind TEXT NOT NULL, code INTEGER NOT NULL, word TEXT NOT NULL,
  PRIMARY KEY (kind, code)) STRICT, WITHOUT ROWID;
INSERT INTO "words" VALUES('master_answer',0,'NONE');
INSERT INTO "words" VALUES('master_answer',1,'RIGHT');
INSERT INTO "words" VALUES('master_answer',2,'WRONG');
INSERT INTO "words" VALUES('master_answer',3,'VOID');
INSERT INTO "words" VALUES('master_part',0,'NONE');
INSERT INTO "words" VALUES('master_part',1,'GOOD');
INSERT INTO "words" VALUES('master_part',2,'BAD');
INSERT INTO "words" VALUES('mode',0,'FULL');
INSERT INTO "words" VALUES('mode',1,'RULES_ONLY');
INSERT INTO "words" VALUES('mode',2,'SAFE');
INSERT INTO "words" VALUES('overrun',0,'');
INSERT INTO "words" VALUES('overrun',1,'camera');
INSERT INTO "words" VALUES('overrun',2,'rules');
INSERT INTO "words" VALUES('overrun',3,'report');
INSERT INTO "words" VALUES('picture_kind',1,'REJECT');
INSERT INTO "words" VALUES('picture_kind',2,'AUDIT');
INSERT INTO "words" VALUES('picture_kind',3,'NTH');
INSERT INTO "words" VALUES('picture_state',0,'KEPT');
INSERT INTO "words" VALUES('picture_state',1,'NO_FRAME');
INSERT INTO "words" VALUES('picture_state',2,'OVERWRITTEN');
INSERT INTO "words" VALUES('picture_state',3,'BEHIND');
INSERT INTO "words" VALUES('picture_state',4,'NOT_WRITTEN');
INSERT INTO "words" VALUES('picture_state',10,'TOO_OLD');
INSERT INTO "words" VALUES('picture_state',11,'NO_ROOM');
INSERT INTO "words" VALUES('picture_state',12,'REPLACED');
INSERT INTO "words" VALUES('reason',0,'OK');
INSERT INTO "words" VALUES('reason',10,'ENGINE');
INSERT INTO "words" VALUES('reason',11,'ENGINE_DOUBT');
INSERT INTO "words" VALUES('reason',12,'ENGINE_SILENT');
INSERT INTO "words" VALUES('reason',13,'ENGINE_DATA');
INSERT INTO "words" VALUES('reason',20,'RULE');
INSERT INTO "words" VALUES('reason',21,'RULE_BLIND');
INSERT INTO "words" VALUES('reason',30,'CAMERA');
INSERT INTO "words" VALUES('reason',31,'FRAME');
INSERT INTO "words" VALUES('reason',40,'DEADLINE');
INSERT INTO "words" VALUES('reason',41,'OVERRATE');
INSERT INTO "words" VALUES('reason',42,'PART_ID');
INSERT INTO "words" VALUES('reason',43,'RECIPE');
INSERT INTO "words" VALUES('reason',44,'TRIGGER');
INSERT INTO "words" VALUES('reason',45,'BELT');
INSERT INTO "words" VALUES('reason',50,'MASTER_PART');
INSERT INTO "words" VALUES('reason',255,'LINE_ENDED');
INSERT INTO "words" VALUES('status',0,'PASS');
INSERT INTO "words" VALUES('status',1,'FAIL');
INSERT INTO "words" VALUES('status',2,'CANNOT_TELL');
INSERT INTO "words" VALUES('verdict',0,'NONE');
INSERT INTO "words" VALUES('verdict',1,'ACCEPT');
INSERT INTO "words" VALUES('verdict',2,'REJECT');
INSERT INTO "words" VALUES('verdict',3,'RECHECK');
INSERT INTO "words" VALUES('verdict',4,'NOT_INSPECTED');
INSERT INTO "words" VALUES('verdict',255,'NOT_KNOWN');
CREATE INDEX parts_by_time ON parts (wall_ms, verdict, score);
CREATE INDEX parts_by_part_id ON parts (part_id, wall_ms);
CREATE INDEX parts_not_accepted ON parts (wall_ms, verdict, reason) WHERE verdict <> 1;
CREATE INDEX parts_by_lot ON parts (lot) WHERE lot IS NOT NULL;
CREATE INDEX pictures_of_samples ON pictures (id) WHERE kind = 2;
CREATE INDEX pictures_by_path ON pictures (path) WHERE path IS NOT NULL;
CREATE INDEX parts_by_serial_number ON parts (serial_number) WHERE serial_number IS NOT NULL;
CREATE VIEW part AS SELECT
  r.name AS run, p.id & 1099511627775 AS serial, p.part_id AS part_id, strftime('%Y-%m-%dT%H:%M:%S', p.wall_ms / 1000, 'unixepoch') || printf('.%03d+00:00', p.wall_ms % 1000) AS wall,
  (SELECT word FROM words WHERE kind = 'verdict' AND code = p.verdict) AS verdict, (SELECT word FROM words WHERE kind = 'reason' AND code = p.reason) AS reason, (SELECT word FROM words WHERE kind = 'mode' AND code = p.mode) AS mode, p.score AS score,
  (SELECT word FROM words WHERE kind = 'verdict' AND code = p.rules_alone) AS rules_alone, (SELECT word FROM words WHERE kind = 'verdict' AND code = p.engine_alone) AS engine_alone, p.trigger_ns AS trigger_ns,
  CASE WHEN p.verdict <> 255 THEN coalesce(p.trigger_ns + p.frame, 0) END AS frame_ns, CASE WHEN p.verdict <> 255 THEN coalesce(p.trigger_ns + p.rules_done, 0) END AS rules_ns, CASE WHEN p.verdict <> 255 THEN coalesce(p.trigger_ns + p.engine_done, 0) END AS engine_ns,
  CASE WHEN p.verdict <> 255 THEN coalesce(p.trigger_ns + p.decided, 0) END AS decided_ns, CASE WHEN p.verdict <> 255 THEN coalesce(p.trigger_ns + p.reported, 0) END AS reported_ns, p.trigger_ns + p.deadline AS deadline_ns,
  (SELECT word FROM words WHERE kind = 'overrun' AND code = p.overrun) AS overrun, p.sequence AS sequence, CASE WHEN p.delivered IS NOT NULL THEN coalesce(p.trigger_ns + p.published, 0) END AS published_ns, CASE WHEN p.delivered IS NOT NULL THEN coalesce(p.trigger_ns + p.acked, 0) END AS acked_ns,
  p.delivered AS delivered, (SELECT word FROM words WHERE kind = 'verdict' AND code = p.delivered_as) AS delivered_as, (SELECT word FROM words WHERE kind = 'reason' AND code = p.delivered_reason) AS delivered_reason,
  p.recipe AS recipe, (SELECT word FROM words WHERE kind = 'master_part' AND code = p.master_part) AS master_part, (SELECT word FROM words WHERE kind = 'master_answer' AND code = p.master_answer) AS master_answer,
  (SELECT name FROM lots WHERE id = p.lot) AS lot, p.serial_number AS serial_number
  FROM parts AS p JOIN runs AS r ON r.id = p.id >> 40;
CREATE VIEW view AS SELECT
  r.name AS run, (v.id >> 3) & 1099511627775 AS serial, n.name AS view,
  coalesce(p.trigger_ns + v.frame, 0) AS frame_ns, (SELECT word FROM words WHERE kind = 'reason' AND code = v.fault) AS fault, v.score AS score,
  (SELECT word FROM words WHERE kind = 'reason' AND code = v.score_fault) AS score_fault, p.trigger_ns + v.start AS start_ns,
  p.trigger_ns + v.start + v.done AS done_ns, e.engine_id AS engine_id
  FROM views AS v JOIN parts AS p ON p.id = v.id >> 3 JOIN runs AS r ON r.id = p.id >> 40
  JOIN view_names AS n ON n.id = v.view LEFT JOIN engines AS e ON e.id = v.engine;
CREATE VIEW shadow AS SELECT
  r.name AS run, (s.id >> 3) & 1099511627775 AS serial, n.name AS view, (SELECT word FROM words WHERE kind = 'verdict' AND code = s.verdict) AS verdict,
  (SELECT word FROM words WHERE kind = 'reason' AND code = s.reason) AS reason, (SELECT word FROM words WHERE kind = 'verdict' AND code = s.engine_alone) AS engine_alone, s.score_word AS score_word,
  s.score AS score, (SELECT word FROM words WHERE kind = 'reason' AND code = s.score_fault) AS score_fault, s.start_ns AS start_ns,
  s.start_ns + s.done AS done_ns, e.engine_id AS engine_id
  FROM shadows AS s JOIN runs AS r ON r.id = s.id >> (40 + 3)
  JOIN view_names AS n ON n.id = s.view JOIN engines AS e ON e.id = s.engine;
CREATE VIEW picture AS SELECT
  r.name AS run, (c.id >> 3) & 1099511627775 AS serial, n.name AS view, (SELECT word FROM words WHERE kind = 'picture_kind' AND code = c.kind) AS kind,
  (SELECT word FROM words WHERE kind = 'picture_state' AND code = c.state) AS state, f.name || '/' || c.path AS path, f.name || '/' || c.map AS map,
  c.map_low AS map_low, c.map_high AS map_high
  FROM pictures AS c LEFT JOIN folders AS f ON f.id = c.folder
  JOIN runs AS r ON r.id = c.id >> (40 + 3)
  JOIN view_names AS n ON n.id = c.view;
CREATE VIEW loss AS SELECT r.name AS run, strftime('%Y-%m-%dT%H:%M:%S', l.wall_ms / 1000, 'unixepoch') || printf('.%03d+00:00', l.wall_ms % 1000) AS wall, l.entries AS entries, l.why AS why
  FROM losses AS l JOIN runs AS r ON r.id = l.run;
CREATE VIEW rule AS SELECT
  run, serial, rule, (SELECT word FROM words WHERE kind = 'status' AND code = (((instr('0123456789ABCDEF', substr(h, 1, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 2, 1)) - 1)))) AS status,
  CASE WHEN ((((((instr('0123456789ABCDEF', substr(h, 17, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 18, 1)) - 1))) & 127) << 4) | ((((instr('0123456789ABCDEF', substr(h, 15, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 16, 1)) - 1))) >> 4)) < 2047 THEN (1 - 2 * ((((instr('0123456789ABCDEF', substr(h, 17, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 18, 1)) - 1))) >> 7))
    * (((((((instr('0123456789ABCDEF', substr(h, 15, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 16, 1)) - 1))) & 15) << 48) | ((((instr('0123456789ABCDEF', substr(h, 3, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 4, 1)) - 1))) << 0) | ((((instr('0123456789ABCDEF', substr(h, 5, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 6, 1)) - 1))) << 8) | ((((instr('0123456789ABCDEF', substr(h, 7, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 8, 1)) - 1))) << 16) | ((((instr('0123456789ABCDEF', substr(h, 9, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 10, 1)) - 1))) << 24) | ((((instr('0123456789ABCDEF', substr(h, 11, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 12, 1)) - 1))) << 32) | ((((instr('0123456789ABCDEF', substr(h, 13, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 14, 1)) - 1))) << 40)) + CASE WHEN ((((((instr('0123456789ABCDEF', substr(h, 17, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 18, 1)) - 1))) & 127) << 4) | ((((instr('0123456789ABCDEF', substr(h, 15, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 16, 1)) - 1))) >> 4)) > 0 THEN 4503599627370496 ELSE 0 END)
    * (SELECT value FROM powers AS w WHERE w.exponent = ((((((instr('0123456789ABCDEF', substr(h, 17, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 18, 1)) - 1))) & 127) << 4) | ((((instr('0123456789ABCDEF', substr(h, 15, 1)) - 1)) * 16 + ((instr('0123456789ABCDEF', substr(h, 16, 1)) - 1))) >> 4))) END AS value,
  low, high, unit
  FROM (SELECT r.name AS run, p.id & 1099511627775 AS serial, s.name AS rule, s.low, s.high, s.unit,
    hex(substr(p.rules, 1 + 9 * s.position, 9)) AS h
    FROM parts AS p JOIN runs AS r ON r.id = p.id >> 40
    JOIN rules_of_sets AS s ON s.rule_set = p.rule_set);
COMMIT;
PRAGMA user_version=1;
