//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// measureSendfile tells whether spsd has the kernel send the trail straight out
// of the page cache.
func (b *bench) measureSendfile(ctx context.Context, d *daemon, floor *process, file string) (row, error) {
	ours, err := sendsPages(ctx, d.process, d.request(trailPath), file)
	if err != nil {
		return row{}, err
	}
	theirs, err := sendsPages(ctx, floor, d.request(trailPath), file)
	if err != nil {
		return row{}, err
	}
	r := row{
		what: "trail by sendfile, " + string(plain), ours: yesNo(ours), floor: yesNo(theirs),
		notes: "bytes that change between socket and client change for the client",
	}
	if theirs { // else nobody can on this machine
		r.bar = verdict("kept", ours)
	}
	return r, nil
}

// sendsPages tells whether a server hands out the pages of the file rather than
// copies. It lets the answer come as far as the client's socket, changes the
// file, and looks whether what is in the socket has changed with it.
func sendsPages(ctx context.Context, p *process, request []byte, file string) (bool, error) {
	var d net.Dialer
	dialed, err := d.DialContext(ctx, "tcp", p.url.Host)
	if err != nil {
		return false, err
	}
	defer func() { _ = dialed.Close() }()
	conn, ok := dialed.(*net.TCPConn)
	if !ok {
		return false, fmt.Errorf("%T is no TCP connection", dialed)
	}
	if err := conn.SetDeadline(time.Now().Add(stall)); err != nil {
		return false, err
	}
	if _, err := conn.Write(request); err != nil {
		return false, err
	}
	before := make([]byte, 32<<10)
	n, err := peek(conn, before)
	if err != nil {
		return false, err
	}
	body := bytes.Index(before[:n], []byte("\r\n\r\n")) + 4
	const some = 4096
	if body < 4 || n < body+some {
		return false, errors.New("the answer is too short")
	}
	restore, err := invert(file, some)
	if err != nil {
		return false, err
	}
	after := make([]byte, n)
	_, err = io.ReadFull(conn, after)
	return !bytes.Equal(before[body:body+some], after[body:body+some]), errors.Join(err, restore())
}

// peek looks at what has arrived, once there is enough of it, and leaves it
// there.
func peek(conn *net.TCPConn, buffer []byte) (n int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failure error
	err = raw.Read(func(fd uintptr) bool {
		n, _, failure = syscall.Recvfrom(int(fd), buffer, syscall.MSG_PEEK)
		if errors.Is(failure, syscall.EAGAIN) {
			failure = nil
			return false
		}
		return failure != nil || n == 0 || n >= len(buffer)/2
	})
	return n, errors.Join(err, failure)
}

// invert changes the first n bytes of a file, until restore is called.
func invert(file string, n int) (restore func() error, err error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	original := make([]byte, n)
	inverted := make([]byte, n)
	if _, err := f.ReadAt(original, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for i, c := range original {
		inverted[i] = ^c
	}
	if _, err := f.WriteAt(inverted, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		_, err := f.WriteAt(original, 0)
		return errors.Join(err, f.Close())
	}, nil
}
