-- Whether the run that a lane let out last is neither ended nor gone, nor held again. Index: primary key. Lock: the writer's.
SELECT EXISTS (SELECT 1 FROM tenterhook_runs WHERE seq = ?1 AND status = 0 AND held <> 1)
