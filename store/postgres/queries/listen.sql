-- Listens to what other processes ring for. Lock: none.
LISTEN tenterhook
