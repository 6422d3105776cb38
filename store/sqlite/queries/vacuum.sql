-- Writes the file anew, without what was deleted. Lock: the writer's, for as long as it takes.
VACUUM
