package seed

import "strings"

// The words of the sample data. Names of hosts lie under example.com, and
// addresses in private networks.
var (
	firstNames = strings.Fields(`adam alice anna bence bob carol carlos chloe clara david diana dora elena emma eva
		felix frank gabor grace hanna henry hugo ines irene ivan jack james jane john jonas julia karl kate laura
		leon lucas maria mark mia nina nora oliver omar paul peter petra rosa zoe`)
	lastNames = strings.Fields(`abbott baker becker brown carter chen cohen costa davis diaz evans fischer fox garcia
		gomez gray hall hansen hill horvath jones kim kovacs kumar lee lopez martin meyer miller moore nagy novak
		ortiz park rossi silva smith tanaka wagner young`)
	services = strings.Fields(`api auth backup billing build cache crm deploy dns etl ldap mail metrics monitor mq
		proxy puppet report scan sync`)
	stages = []string{"prod", "stage", "test", "dev"}
	sites  = []string{"prod", "prod", "stage", "lab", "dmz"}

	daemons   = []string{"nginx", "sshd", "postgresql", "cron", "haproxy", "redis", "rsyslog", "postfix", "docker", "kubelet"}
	paths     = []string{"/var/log", "/etc/nginx", "/opt/app/releases", "/srv/backup", "/home/deploy", "/tmp", "/usr/local/etc", "/var/lib/pgsql"}
	files     = []string{"/etc/hosts", "/etc/passwd", "/etc/shadow", "/etc/fstab", "/var/log/messages", "/var/log/auth.log", "config.yaml", "notes.txt", "docker-compose.yml", "x.log"}
	tables    = []string{"customers", "orders", "invoices", "payments", "employees", "audit_log", "stock", "sessions"}
	columns   = []string{"id", "name", "status", "created_at", "amount", "email"}
	documents = []string{"budget.xlsx", "minutes.docx", "hosts.txt", "passwords.txt", "report-q3.pdf", "network.vsdx"}
	pages     = []string{"/", "/login", "/wiki/runbooks", "/wiki/oncall", "/admin/users", "/admin/settings", "/search", "/api/v2/tickets", "/reports/monthly"}
	execs     = []string{"ls", "uptime", "df -h", "/usr/lib/nagios/plugins/check_load -w 5,4,3", "rsync --server -logDtpr . /srv/backup", "git-upload-pack 'infra/site.git'"}

	dynamicChannels = []string{"Microsoft::Windows::RDS::Geometry::v08.01", "Microsoft::Windows::RDS::DisplayControl", "Microsoft::Windows::RDS::Video::Control::v08.01", "AUDIO_PLAYBACK_DVC"}

	// codenames are the rare words: the last of them occur once in thousands of
	// sessions.
	codenames = strings.Fields(`albatross amethyst axolotl bandicoot basilisk beryl bobolink borealis bumblebee
		capybara caracal cassowary chalcedony chinchilla cinnabar coelacanth cormorant dodecahedron dragonfly
		echidna emerald fandango feldspar fennec filigree galago gharial gingko glockenspiel halcyon harlequin
		heliotrope hieroglyph ibex iguana isotope jacaranda jellyfish kaleidoscope kestrel kinkajou kookaburra
		labradorite lanthanum lapwing lemur lodestar macaw malachite manatee marzipan meerkat metronome mistral
		mongoose narwhal nautilus nightjar nutmeg obelisk ocelot okapi onyx opossum ouzel pangolin paprika
		peregrine periwinkle pirouette platypus quagga quetzal quokka quoll rhubarb rigmarole saffron salamander
		sarsaparilla sassafras serendipity sextant sycamore tamarind tamarisk tarantella tourmaline toucan
		tsunami umbrella unicorn vermilion verdigris wallaby walrus whippoorwill wombat xenon xylophone yarrow
		zephyr zeppelin zirconium`)

	// What people do, and what they see; % is replaced by something that suits.
	commandTemplates = []template{
		line("ls -la %", paths...),
		line("cd %", paths...),
		line("cat %", files...),
		line("less %", files...),
		line("vim %", files...),
		line("grep -i error %", files...),
		line("tail -n 200 %", files...),
		line("systemctl status %", daemons...),
		line("sudo systemctl restart %", daemons...),
		line("journalctl -u % --since yesterday", daemons...),
		line("ps aux | grep %", daemons...),
		line("du -sh %", paths...),
		line("find % -mtime -1", paths...),
		line("sudo chmod 640 %", files...),
		line("chown root: %", files...),
		line("tar czf /tmp/copy.tgz %", paths...),
		line("rm -rf %/old", paths...),
		line("ssh %01.lab.example.com", "web", "app", "db"),
		line("su - %", "root", "postgres", "oracle"),
		line("sudo mount % /mnt", "/dev/sdb1", "nas01:/export"),
		line("sudo adduser %", firstNames...),
		line("make %", "all", "test", "install"),
		line("gcc -O2 -o % main.c", "probe", "tool"),
		line("git log --oneline %", "-5", "main", "origin/main"),
		line("echo \"% done\" >> /var/log/maintenance.log", daemons...),
		line("df -h"),
		line("uptime"),
		line("w"),
		line("top"),
		line("free -m"),
		line("whoami"),
		line("ls"),
		line("exit"),
		line("sudo shutdown -r now"),
	}
	networkTemplates = []template{
		line("show interfaces %", "brief", "status", "GigabitEthernet0/1"),
		line("show ip route %", "summary", "10.0.0.0"),
		line("ping %", "10.20.0.1", "10.21.0.1"),
		line("show running-config"),
		line("show version"),
		line("configure terminal"),
		line("write memory"),
		line("exit"),
	}
	statementTemplates = []template{
		line("SELECT TOP 100 * FROM dbo.%", tables...),
		line("SELECT COUNT(*) FROM dbo.%", tables...),
		line("SELECT % FROM dbo.customers WHERE status = 'open'", columns...),
		line("UPDATE dbo.% SET status = 'closed' WHERE id = 17", tables...),
		line("EXEC sp_help '%'", tables...),
		line("DELETE FROM dbo.% WHERE created_at < '2020-01-01'", tables...),
		line("BACKUP DATABASE sales TO DISK = N'C:\\Backup\\sales.bak'"),
	}
	windowTemplates = []template{
		line("% - Notepad", documents...),
		line("% - Excel", documents...),
		line("Administrator: Windows PowerShell"),
		line("Server Manager"),
		line("Control Panel"),
		line("Event Viewer"),
		line("Task Manager"),
		line("Services"),
		line("Computer Management Console"),
		line("C:\\Windows\\System32\\%.exe", "cmd", "mmc", "taskmgr", "regedit"),
		line("File Explorer - \\\\fs01\\%", "share", "home", "install"),
		line("Microsoft SQL Server Management Studio - %", tables...),
		line("Registry Editor"),
		line("Remote Desktop Connection"),
		line("Windows Security Center"),
		line("% - Google Chrome", "Intranet", "Wiki", "Tickets"),
	}
	requestTemplates = []template{
		line("GET %", pages...),
		line("GET %?page=2&sort=name", pages...),
		line("POST %", pages...),
	}

	shellOutput = []template{
		line("%: Permission denied", files...),
		line("%: No such file or directory", files...),
		line("% is running", daemons...),
		line("% stopped", daemons...),
		line("connect to host %.example.com port 22: Connection refused", "web01.lab", "db02.lab"),
		line("total 48"),
		line("Last login: Mon Sep 14 09:12:44 from 10.200.0.17"),
	}
	networkOutput = []template{
		line("Building configuration..."),
		line("Interface % is up, line protocol is up", "GigabitEthernet0/1", "Vlan20"),
		line("Success rate is 100 percent"),
		line("Invalid input detected"),
	}
	statementOutput = []template{
		line("(17 rows affected)"),
		line("(0 rows affected)"),
		line("The SELECT permission was denied on the object '%'", tables...),
		line("Incorrect syntax near '%'", columns...),
	}
	pageTexts = []template{
		line("Sign in to continue to %", pages...),
		line("You do not have access to %", pages...),
		line("Your changes have been saved"),
	}
	desktopTexts = []template{
		line("Do you want to save the changes to %?", documents...),
		line("% is not responding", "Windows Explorer", "Notepad", "Microsoft Management Console"),
		line("The service was started successfully."),
		line("Access is denied."),
		line("Windows is installing updates"),
	}
)

// interesting are the words by which the analytics know an event.
var interesting = []string{
	"chmod", "ssh", "shutdown", "sudo", "su", "mount", "adduser", "vim", "gcc", "ls",
	"Management Console", "Control Panel", "Server Manager", "PowerShell", "Windows Security Center",
}

// template is a line of which one part varies.
type template struct {
	text    string
	variety []string
	notable []string // what the analytics look for in it
}

func line(text string, variety ...string) template {
	t := template{text: text, variety: variety}
	for _, word := range interesting {
		if strings.Contains(" "+text+" ", " "+word+" ") {
			t.notable = append(t.notable, word)
		}
	}
	return t
}

func (t template) fill(d *dice) string {
	if t.variety == nil {
		return t.text
	}
	return t.with(pick(d, t.variety))
}

// with puts word in the place of %.
func (t template) with(word string) string {
	before, after, _ := strings.Cut(t.text, "%")
	return before + word + after
}
