package need

import (
	_ "embed"
	"net/url"
	"testing"
)

//go:embed pgbouncer.sh
var pgbouncerScript string

// PgBouncer returns two DSNs of an empty database: through a proxy of the test's own that pools connections by transaction, and
// without. The server is one of this process's own, whatever TENTERHOOK_POSTGRES names. The need is called pgbouncer.
func PgBouncer(t testing.TB) (proxied, direct string) {
	t.Helper()
	pgbouncer := program(t, "pgbouncer", "pgbouncer")
	bin, err := holding(postgresFolders(), "initdb", "pg_ctl", "postgres", "psql")
	if err != nil {
		lack(t, "postgres", err.Error())
	}
	dsn, err := throwaway.start(bin)
	if err != nil {
		lack(t, "postgres", err.Error())
	}
	direct = newDatabase(t, server{bin + "/psql", dsn})
	k := &keeper{}
	if err := k.keep(pgbouncerScript, pgbouncer+":"+throwaway.folder); err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	t.Cleanup(func() {
		if err := k.lifeline.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("host", k.folder)
	u.RawQuery = query.Encode()
	return u.String(), direct
}
