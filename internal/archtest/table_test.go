package archtest

import "strings"

const module = "github.com/tenterhook/tenterhook"

// ranks is the order of the packages: an import points to a lower rank only.
// A folder ending in a slash stands for all folders below it.
var ranks = []struct {
	rank    int
	folders []string
}{
	{6, []string{"examples/"}},
	{5, []string{"webhook/console", "webhook/api", "webhook/webhooktest"}},
	{4, []string{"webhook", "store/sqlite", "store/postgres", "notify/email"}},
	{3, []string{"store/memory", "store/route", "store/storetest", "internal/sqlstore"}},
	{2, []string{"store", "notify"}},
	{1, []string{"automation"}},
	{0, []string{"labels", "events", "runs", "webhook/signature", "internal/pushurl", "internal/egress"}},
}

// sideways are the imports within a rank that are meant.
var sideways = map[string][]string{
	"events":          {"labels", "internal/pushurl"},
	"internal/egress": {"internal/pushurl"},
}

// testSupport can be imported by test files only.
var testSupport = []string{"internal/need", "internal/archtest"}

// topFolders are all folders of the root, dot-folders aside.
var topFolders = []string{
	"automation", "webhook", "labels", "runs", "events", "notify", "store", "examples", "internal",
}

// drivers are the dependencies that only hosts which import that folder build.
var drivers = map[string]string{
	"modernc.org/sqlite":          "store/sqlite",
	"github.com/ncruces/":         "store/sqlite",
	"github.com/jackc/pgx":        "store/postgres",
	"github.com/wneessen/go-mail": "notify/email",
}

// documents are the files of the root that hosts and contributors look for.
var documents = []string{"README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "LICENSE"}

func rankOf(dir string) (rank int, known bool) {
	for _, row := range ranks {
		if within(dir, row.folders...) {
			return row.rank, true
		}
	}
	return 0, false
}

// within reports whether dir is one of folders, or below one that ends in a slash.
func within(dir string, folders ...string) bool {
	for _, folder := range folders {
		if dir == folder || strings.HasSuffix(folder, "/") && strings.HasPrefix(dir, folder) {
			return true
		}
	}
	return false
}

// pure reports whether the package in dir does no I/O and reads no clock.
func pure(dir string) bool {
	rank, known := rankOf(dir)
	return known && rank <= 1 && dir != "internal/egress"
}
