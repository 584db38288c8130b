"""The first day: from a folder of pictures to a station file that catches bad parts.

sizes and pictures say which pictures are looked at, and as what camera; look finds where the part
lies; propose has candidates of rules, choose takes few of them; engine is taught, and judged
and worth say what it is good for, counted on parts left out; text writes the file.
"""
