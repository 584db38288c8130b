"""Why a part was judged as it was, in pictures; made in a process of its own that may be slow."""
