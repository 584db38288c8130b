"""What people say of parts that the station judged: only ever appended, and no verdict."""
