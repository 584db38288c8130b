"""The audit trail: who changed what at a station, in files of lines that are chained by hashes."""
