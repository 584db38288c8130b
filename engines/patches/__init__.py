"""Why a score is what it is: the worst patch of a picture, and the good one nearest to it."""
