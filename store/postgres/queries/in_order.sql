-- Begins a transaction that reads what it wants first in the order of an index. Else the server sorts all that is due, or
-- held, each time when it believes that this is little: until it has analyzed the table after a burst. Lock: none.
BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_sort = off;
SET LOCAL idle_in_transaction_session_timeout = 5000
