-- Times are microseconds since 1970 UTC. Names begin with tenterhook_ so that the tables can stand in a host's own file.

CREATE TABLE tenterhook_meta (
	version INTEGER NOT NULL -- of the configuration: automations and labels; only rises
);
INSERT INTO tenterhook_meta VALUES (0);

CREATE TABLE tenterhook_automations (
	id      TEXT    PRIMARY KEY,
	account TEXT    NOT NULL,
	version INTEGER NOT NULL, -- of the configuration when it was saved
	created INTEGER NOT NULL,
	updated INTEGER NOT NULL,
	doc     TEXT    -- NULL: deleted
) WITHOUT ROWID;
CREATE INDEX tenterhook_automations_version ON tenterhook_automations (version);

CREATE TABLE tenterhook_labels (
	account TEXT    NOT NULL,
	survey  TEXT    NOT NULL,
	version INTEGER NOT NULL,
	doc     TEXT    NOT NULL, -- {variable: label}
	PRIMARY KEY (account, survey)
) WITHOUT ROWID;
CREATE INDEX tenterhook_labels_version ON tenterhook_labels (version);

-- API keys of incoming automations.
CREATE TABLE tenterhook_keys (
	id         TEXT    PRIMARY KEY,
	account    TEXT    NOT NULL,
	automation TEXT    NOT NULL,
	hash       BLOB    NOT NULL UNIQUE,
	created    INTEGER NOT NULL,
	ends       INTEGER, -- NULL: no end is set
	used       INTEGER, -- NULL: never
	tested     INTEGER, -- NULL: never, or forgotten
	test       BLOB,    -- what the latest test request held; NULL: none is kept
	doc        TEXT    NOT NULL -- what is only ever shown
) WITHOUT ROWID;
CREATE INDEX tenterhook_keys_automation ON tenterhook_keys (automation);

-- What is known of an automation's deliveries; no row means: open and healthy.
CREATE TABLE tenterhook_lanes (
	automation TEXT PRIMARY KEY,
	gate       TEXT,    -- what its limits hold it for while nothing else does; NULL: nothing
	hold       TEXT,    -- why its due runs wait; NULL: open
	until      INTEGER, -- nothing is let out before; NULL: no pause
	head       INTEGER, -- seq of the run that was let out last; it may be gone
	health     TEXT     -- NULL: healthy
) WITHOUT ROWID;

-- What people are to be told, and for a while what they were told.
CREATE TABLE tenterhook_notices (
	automation TEXT    NOT NULL,
	change     TEXT    NOT NULL,
	pending    INTEGER NOT NULL, -- how many are folded into it; 0: all were told
	due        INTEGER NOT NULL, -- not told, or forgotten, before
	fence      INTEGER NOT NULL, -- names the current lease; only rises
	doc        TEXT    NOT NULL, -- the latest
	PRIMARY KEY (automation, change)
) WITHOUT ROWID;
CREATE INDEX tenterhook_notices_due ON tenterhook_notices (due) WHERE pending > 0;
CREATE INDEX tenterhook_notices_told ON tenterhook_notices (due) WHERE pending = 0;

-- The row that changes stays small: the message is in its own table, attempts are only appended.
CREATE TABLE tenterhook_runs (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again, so that no result of a removed run counts for another
	id         TEXT    NOT NULL UNIQUE,
	account    TEXT    NOT NULL,
	automation TEXT    NOT NULL,
	action     TEXT    NOT NULL,
	event      TEXT    NOT NULL,
	type       TEXT    NOT NULL,
	url        TEXT    NOT NULL,
	person     TEXT,             -- names and e-mail in lower case, for search
	facts      TEXT,             -- respondent and warnings as JSON
	message    INTEGER,          -- the run whose message it shares; NULL: it has its own
	created    INTEGER NOT NULL,
	status     INTEGER NOT NULL, -- 0 waiting, 1 succeeded, 2 failed
	changed    INTEGER NOT NULL, -- when the status that people see was reached
	due        INTEGER,          -- NULL once ended
	leased     INTEGER NOT NULL, -- 1: due is the end of a lease
	held       INTEGER NOT NULL, -- 0 in the queue; 1 out of it, as its lane is held; 2 let out: its lane's hold does not meet it
	fence      INTEGER NOT NULL,
	tries      INTEGER NOT NULL,
	replays    INTEGER NOT NULL
);
CREATE INDEX tenterhook_runs_account ON tenterhook_runs (account, seq);
CREATE INDEX tenterhook_runs_automation ON tenterhook_runs (automation, seq);
CREATE INDEX tenterhook_runs_due ON tenterhook_runs (due) WHERE status = 0 AND held <> 1;
CREATE INDEX tenterhook_runs_held ON tenterhook_runs (automation, seq) WHERE held = 1;
CREATE INDEX tenterhook_runs_shared ON tenterhook_runs (message) WHERE message IS NOT NULL;

CREATE TABLE tenterhook_messages (
	run  INTEGER PRIMARY KEY, -- the first run that was created with it
	body BLOB NOT NULL
);

CREATE TABLE tenterhook_attempts (
	run   INTEGER NOT NULL REFERENCES tenterhook_runs (seq) ON DELETE CASCADE,
	fence INTEGER NOT NULL, -- the lease under which it was made, so attempts are in order
	doc   TEXT    NOT NULL,
	PRIMARY KEY (run, fence)
) WITHOUT ROWID;
