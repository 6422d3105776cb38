package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// meter reports what was done between two times, and how much time of processors it took.
type meter struct {
	b            *testing.B
	postmaster   int // 0: unknown
	own, servers time.Duration
}

// start begins to measure; of a server too when there is a pool on one.
func start(b *testing.B, pool *pgxpool.Pool) *meter {
	m := &meter{b: b}
	if pool != nil {
		var pid int
		if err := pool.QueryRow(b.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			b.Fatal(err)
		}
		if stat := statOf(pid); stat != nil {
			m.postmaster, _ = strconv.Atoi(stat[parent])
		}
	}
	m.own, m.servers = ownTime(), m.serverTime()
	b.ResetTimer()
	return m
}

// aside does what is not measured.
func (m *meter) aside(do func()) {
	m.b.StopTimer()
	own, servers := ownTime(), m.serverTime()
	do()
	m.own, m.servers = m.own+ownTime()-own, m.servers+m.serverTime()-servers
	m.b.StartTimer()
}

// stop ends measuring of n things of a kind.
func (m *meter) stop(n int, kind string) {
	m.b.StopTimer()
	own, servers := ownTime()-m.own, m.serverTime()-m.servers
	m.b.ReportMetric(float64(n)/m.b.Elapsed().Seconds(), kind+"/s")
	m.b.ReportMetric(float64(own.Microseconds())/float64(n), "own-cpu-µs")
	if m.postmaster != 0 {
		m.b.ReportMetric(float64(servers.Microseconds())/float64(n), "server-cpu-µs")
	}
	m.b.ReportMetric(0, "ns/op")
}

func ownTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Fields of /proc/<pid>/stat, counted after the name (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
const (
	parent    = 1
	firstTime = 11 // of user, system, and both of children that ended
	lastTime  = 14
	tick      = 10 * time.Millisecond
	processes = "/proc/[0-9]*/stat"
)

func statOf(pid int) []string { return readStat("/proc/" + strconv.Itoa(pid) + "/stat") }

func readStat(file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) <= lastTime {
		return nil
	}
	return fields
}

// serverTime returns the time of processors that the server and its processes took.
func (m *meter) serverTime() (total time.Duration) {
	if m.postmaster == 0 {
		return 0
	}
	files, _ := filepath.Glob(processes)
	for _, file := range files {
		stat := readStat(file)
		if stat == nil || stat[parent] != strconv.Itoa(m.postmaster) && file != "/proc/"+strconv.Itoa(m.postmaster)+"/stat" {
			continue
		}
		for _, field := range stat[firstTime : lastTime+1] {
			ticks, _ := strconv.Atoi(field)
			total += time.Duration(ticks) * tick
		}
	}
	return total
}
