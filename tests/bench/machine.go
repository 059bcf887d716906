//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// machine is how the processors have spent their time so far.
type machine struct {
	total, idle, stolen time.Duration // of all processes; stolen by the hypervisor
	ours                time.Duration // of this process, and of its children that have ended
}

func lookAtMachine() (machine, error) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machine{}, err
	}
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	fields := bytes.Fields(line) // cpu user nice system idle iowait irq softirq steal ...
	if len(fields) < 9 {
		return machine{}, errors.New("/proc/stat begins with something unknown")
	}
	m := machine{ours: usedBy(syscall.RUSAGE_SELF) + usedBy(syscall.RUSAGE_CHILDREN)}
	for i, field := range fields[1:9] {
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return machine{}, err
		}
		spent := time.Duration(n) * tick
		m.total += spent
		switch i {
		case 3, 4:
			m.idle += spent
		case 7:
			m.stolen += spent
		}
	}
	return m, nil
}

// since tells what else went on between two looks: who reads the table must know
// how far to trust it.
func (m machine) since(before machine) string {
	total := m.total - before.total
	stolen := m.stolen - before.stolen
	others := total - (m.idle - before.idle) - stolen - (m.ours - before.ours)
	share := func(d time.Duration) float64 { return 100 * float64(max(0, d)) / float64(max(1, total)) }
	return fmt.Sprintf("Meanwhile others used %.0f %% of the CPU time, and the hypervisor took %.0f %%.", share(others), share(stolen))
}

// ownCPU is what this process has used of the processors so far.
func ownCPU() time.Duration { return usedBy(syscall.RUSAGE_SELF) }

func usedBy(who int) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(who, &usage); err != nil {
		panic(err) // it knows no other error than wrong arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
