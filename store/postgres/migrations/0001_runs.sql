-- Times are microseconds since 1970 UTC. Text is ordered by its bytes, as in the other stores.

-- What time it is: what the caller was told, in tests, else the server's clock, so that processes need not agree on theirs.
-- It stands still within a statement, so an index serves a comparison with it.
CREATE FUNCTION tenterhook.clock(told bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS 'SELECT coalesce(told, (extract(epoch FROM pg_catalog.statement_timestamp()) * 1000000)::bigint)';

CREATE TABLE tenterhook.meta (
	version bigint NOT NULL -- of the configuration: automations and labels; only rises, and locked until what has it is committed
);
INSERT INTO tenterhook.meta VALUES (0);

CREATE TABLE tenterhook.automations (
	id      text   COLLATE "C" PRIMARY KEY,
	account text   COLLATE "C" NOT NULL,
	version bigint NOT NULL, -- of the configuration when it was saved
	created bigint NOT NULL,
	updated bigint NOT NULL,
	doc     text   -- NULL: deleted
);
CREATE INDEX automations_version ON tenterhook.automations (version);

CREATE TABLE tenterhook.labels (
	account text   COLLATE "C" NOT NULL,
	survey  text   COLLATE "C" NOT NULL,
	version bigint NOT NULL,
	doc     text   NOT NULL, -- {variable: label}
	PRIMARY KEY (account, survey)
);
CREATE INDEX labels_version ON tenterhook.labels (version);

-- API keys of incoming automations.
CREATE TABLE tenterhook.keys (
	id         text   COLLATE "C" PRIMARY KEY,
	account    text   COLLATE "C" NOT NULL,
	automation text   COLLATE "C" NOT NULL,
	hash       bytea  NOT NULL UNIQUE,
	created    bigint NOT NULL,
	ends       bigint, -- NULL: no end is set
	used       bigint, -- NULL: never
	tested     bigint, -- NULL: never, or forgotten
	test       bytea,  -- what the latest test request held; NULL: none is kept
	doc        text   NOT NULL -- what is only ever shown
);
CREATE INDEX keys_automation ON tenterhook.keys (automation);

-- What is known of an automation's deliveries; no row, or one without values, means: open and healthy.
CREATE TABLE tenterhook.lanes (
	automation text COLLATE "C" PRIMARY KEY,
	gate       text,   -- what its limits hold it for while nothing else does; NULL: nothing
	hold       text,   -- why its due runs wait; NULL: open
	until      bigint, -- nothing is let out before; NULL: no pause
	head       bigint, -- seq of the run that was let out last; it may be gone
	health     text    -- NULL: healthy
);

-- What people are to be told, and for a while what they were told.
CREATE TABLE tenterhook.notices (
	automation text    COLLATE "C" NOT NULL,
	change     text    COLLATE "C" NOT NULL,
	pending    bigint  NOT NULL, -- how many are folded into it; 0: all were told
	due        bigint  NOT NULL, -- not told, or forgotten, before
	fence      bigint  NOT NULL, -- names the current lease; only rises
	doc        text    NOT NULL, -- the latest
	PRIMARY KEY (automation, change)
);
CREATE INDEX notices_due ON tenterhook.notices (due) WHERE pending > 0;
CREATE INDEX notices_told ON tenterhook.notices (due) WHERE pending = 0;

-- Processes that hear others. The session in which one listens has an advisory lock, shared, of this table's oid and the owner: it
-- is free when the session has ended, whatever ended it. Who finds it free for some seconds removes the row, and makes due what the
-- owner had leased.
CREATE TABLE tenterhook.processes (
	owner   integer PRIMARY KEY, -- drawn by the process
	session bigint  NOT NULL GENERATED ALWAYS AS IDENTITY -- names the session, never given again
);

CREATE SEQUENCE tenterhook.runs_seq;

-- The row that changes stays small: the message is in its own table, attempts are only appended.
CREATE TABLE tenterhook.runs (
	seq        bigint   PRIMARY KEY, -- of runs_seq, never given again
	created    bigint   NOT NULL,
	changed    bigint   NOT NULL, -- when the status that people see was reached
	due        bigint,            -- NULL once ended
	fence      bigint   NOT NULL,
	message    bigint,            -- the key of the message that it shares; NULL: its own seq
	tries      integer  NOT NULL,
	replays    integer  NOT NULL,
	owner      integer,           -- who leased it last, of processes if that is registered; NULL: nobody yet
	status     smallint NOT NULL, -- 0 waiting, 1 succeeded, 2 failed
	held       smallint NOT NULL, -- 0 in the queue; 1 out of it, as its lane is held; 2 let out: its lane's hold does not meet it
	leased     boolean  NOT NULL, -- due is the end of a lease
	id         text     COLLATE "C" NOT NULL UNIQUE,
	account    text     COLLATE "C" NOT NULL,
	automation text     COLLATE "C" NOT NULL,
	action     text     COLLATE "C" NOT NULL,
	event      text     NOT NULL,
	type       text     COLLATE "C" NOT NULL,
	url        text     NOT NULL,
	person     text     COLLATE "C", -- names and e-mail in lower case, for search
	facts      text               -- respondent and warnings as JSON
);
CREATE INDEX runs_account ON tenterhook.runs (account, seq);
CREATE INDEX runs_automation ON tenterhook.runs (automation, seq);
CREATE INDEX runs_due ON tenterhook.runs (due) WHERE status = 0 AND held <> 1;
CREATE INDEX runs_held ON tenterhook.runs (automation, seq) WHERE held = 1;
CREATE INDEX runs_shared ON tenterhook.runs (message) WHERE message IS NOT NULL;

CREATE TABLE tenterhook.messages (
	run  bigint PRIMARY KEY, -- the first run, of those published together, that was to have it; it may not have been created
	body bytea  NOT NULL
);

-- No foreign key: an attempt is written by the statement that moved its run, and removed after it, in one transaction.
CREATE TABLE tenterhook.attempts (
	run   bigint NOT NULL,
	fence bigint NOT NULL, -- the lease under which it was made, so attempts are in order
	doc   text   NOT NULL,
	PRIMARY KEY (run, fence)
);

-- Other processes are told when something may be due, or the configuration has changed, on the channel that is named like the
-- schema. A notification makes its transaction take a lock of the whole server for its commit, so that commits of those which
-- notify are written to disk one by one (32 connections that each commit one row: 2,200 transactions a second where it was
-- 6,900). So a bell that rang is silent for 20 ms, whoever pulls it: who hears it looks once more after a tenth of a second, for
-- what was committed meanwhile. When it rang last, in microseconds, is kept in a sequence: that is in no transaction, and locks
-- nothing.
CREATE SEQUENCE tenterhook.rung MINVALUE 0;

CREATE FUNCTION tenterhook.ring() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	now  CONSTANT bigint := extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000;
	last CONSTANT bigint := (SELECT last_value FROM tenterhook.rung);
BEGIN
	IF now NOT BETWEEN last AND last + 20000 THEN
		PERFORM pg_catalog.setval('tenterhook.rung', now);
		PERFORM pg_catalog.pg_notify(nspname, '') FROM pg_catalog.pg_namespace WHERE oid = 'tenterhook'::regnamespace;
	END IF;
END
$$;

-- Once a transaction, however many runs it published: a setting that ends with it remembers.
CREATE FUNCTION tenterhook.ring_for_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	rung CONSTANT text := 'tenterhook_ring.of_' || TG_RELID;
BEGIN
	IF pg_catalog.current_setting(rung, true) IS DISTINCT FROM pg_catalog.pg_current_xact_id()::text THEN
		PERFORM pg_catalog.set_config(rung, pg_catalog.pg_current_xact_id()::text, true);
		PERFORM tenterhook.ring();
	END IF;
	RETURN NULL;
END
$$;

-- Deferred to the commit, as a host's transaction may take its time: a bell that it rang as it began would be silent for others,
-- and heard by nobody. A run that is leased already is nobody else's.
CREATE CONSTRAINT TRIGGER ring AFTER INSERT ON tenterhook.runs DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NOT NEW.leased) EXECUTE FUNCTION tenterhook.ring_for_run();

-- The queue's end of runs_due is where claims look: what they leave behind there must go soon, however large the table, so
-- autovacuum counts rows rather than a share of all. Pages are filled: due, which every change of a run moves, is in an index,
-- so no room on its page would save an entry in the others. Measured: of 20,000 updates by claims and settles none was within
-- its page (HOT) at a fillfactor of 100, 70 or 50, and a log of 10,000 runs that were handed over and settled took 5.5 MB at
-- 100, 5.9 at 85 and 5.8 at 50. The tables of messages and attempts are left to the server's own settings: 20 times 20,000
-- runs, published, claimed, settled and pruned in 5.5 minutes, took at most 236 MB with all indexes in the first half and 285 in
-- the second, after four rounds of autovacuum, and the indexes stopped growing after the second of them.
ALTER TABLE tenterhook.runs SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);
ALTER TABLE tenterhook.lanes SET (fillfactor = 50); -- a lane's columns are in no index: a new version stays on its page
