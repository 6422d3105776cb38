-- Begins a transaction that finds rows by an index, however small their table was when a prepared statement got its plan. Lock:
-- none.
BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_seqscan = off;
SET LOCAL idle_in_transaction_session_timeout = 5000
