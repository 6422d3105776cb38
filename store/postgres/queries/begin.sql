-- Begins a transaction. The server ends it when its process stands still in the middle: others wait for what it has locked.
-- Lock: none.
BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 5000
