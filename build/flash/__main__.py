"""`python -m gonogo.build.flash`: what flash.sh runs."""

from gonogo.build.flash.command import flash

flash(prog_name="flash.sh")
