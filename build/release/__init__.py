"""Releases: the program as one signed, read-only file for one kind of box, and who may trust it.

`gonogo.build.release.building` puts one together, `gonogo.build.release.read` opens one.
"""
