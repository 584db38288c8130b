"""`gonogo support`: one file with what somebody elsewhere needs to see what is wrong here."""
