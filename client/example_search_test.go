package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"strings"
	"time"

	"github.com/spskit/spskit/client"
)

// Who has shut something down lately?
func ExampleQuery() {
	sps := connect()
	query := client.And(
		client.Command.Phrase("sudo shutdown"),
		client.Time("start_time").Since(time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)),
	)
	for session, err := range sps.Sessions(context.Background(), client.SessionQuery{Q: query}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.StartTime.Format(time.DateOnly), session.User.Name)
	}
	// Output:
	// 2025-11-10 anna.ortiz
	// 2025-09-04 carlos.brown
	// 2025-09-02 kate.horvath
}

func ExampleAnd() {
	query := client.And(
		client.Text("user.name").Is("jane", "joe"),
		client.Address("server.ip").In(netip.MustParsePrefix("10.20.0.0/16")),
		client.Not(client.Text("verdict").Is("ACCEPT")),
		client.Time("start_time").InLast(7*24*time.Hour),
	)
	fmt.Println(query)
	// Output: user.name:("jane" OR "joe") AND server.ip:"10.20.0.0/16" AND NOT verdict:"ACCEPT" AND start_time:[now-7d TO now]
}

// Values are escaped, and mistakes are found before anything is sent.
func ExampleText() {
	fmt.Println(client.Text("user.name").Is(`x" OR user.name:*`))
	fmt.Println(client.Text("client.ip").Is("10.0.0.1").Err())
	// Output:
	// user.name:"x\" OR user.name:*"
	// the query is wrong: client.ip is an IP address; conditions on it are made with Address, not with Text
}

// What a user has typed can be combined with conditions of the program's own.
func ExampleRaw() {
	fmt.Println(client.And(client.Raw("protocol:SSH OR protocol:RDP"), client.Bool("active").Is(true)))

	err := client.And(client.Raw("protocol:SSH) OR (protocol:*"), client.Bool("active").Is(true)).Err()
	fmt.Println(errors.Is(err, client.ErrInvalidQuery))
	// Output:
	// (protocol:SSH OR protocol:RDP) AND active:true
	// true
}

func ExampleClient_SearchContent() {
	sps := connect()
	const key = "svc-PkjLjDNJHo0efDZWShCrm9-ssh_production-35"
	for hit, err := range sps.SearchContent(context.Background(), key, client.Command.Phrase("sudo systemctl")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hit.Time.Format(time.TimeOnly), hit.Kind, hit.Matched)
	}
	// Output: 08:58:29 command [sudo systemctl]
}

func ExampleClient_Stats() {
	sps := connect()
	stats, err := sps.Stats(context.Background(), client.StatsQuery{Field: "protocol", Size: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range stats.Values {
		fmt.Println(v.Value, v.Count)
	}
	fmt.Println("others", stats.OtherCount)
	// Output:
	// SSH 20
	// RDP 9
	// others 10
}

func ExampleClient_Histogram() {
	sps := connect()
	histogram, err := sps.Histogram(context.Background(), client.HistogramQuery{
		BinSize: client.BinYear,
		Start:   time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC),
		End:     time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, bin := range histogram.Bins {
		fmt.Println(bin.Start.Year(), strings.Repeat("*", int(bin.Count)))
	}
	// Output:
	// 2016 **
	// 2017 **
	// 2018 *
	// 2019 **
}

func ExampleClient_Count() {
	sps := connect()
	n, err := sps.Count(context.Background(), client.SessionQuery{
		Q: client.And(client.Text("protocol").Is("SSH"), client.Not(client.Text("verdict").Is("ACCEPT"))),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "SSH sessions did not go well")
	// Output: 5 SSH sessions did not go well
}
