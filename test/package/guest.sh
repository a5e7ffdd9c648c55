#!/bin/bash
# Runs inside the booted machine, as its only guest: looks at the service as systemd runs it.
# shellcheck source=test/package/guest-words.sh
. /root/guest-words.sh
waiting() { inkpost queue --json | grep -c '"recipient"'; }
is_status() { grep -q "^$1:[[:space:]]*$2\$" "/proc/$(main_pid)/status" || { cat "/proc/$(main_pid)/status"; false; }; }
send() { printf 'Subject: scan\r\n\r\npage\r\n' | curl -sS --fail smtp://127.0.0.1:25/scanner --user front:seventeen-4711 --mail-from front@contoso.com --mail-rcpt anna@fabrikam.com -T -; }
has_mail() { test "$(waiting)" = "$1" || { echo "$(waiting) wait, not $1"; inkpost queue; false; }; }
logged() { journalctl --namespace=inkpost -o cat --no-pager | grep -q "$1" || { journalctl --namespace=inkpost -o cat --no-pager | tail -5; false; }; }
exposure() { systemd-analyze security --no-pager --threshold=15 inkpost.service; }
erased() { grep -q 'Front desk' /boot/firmware/inkpost.toml && ! grep -q 4711 /boot/firmware/inkpost.toml; }
owned() { test -z "$(find /var/lib/inkpost ! -user inkpost)" || { ls -lR /var/lib/inkpost; false; }; }
ask_machine() {
  timeout 120 /usr/lib/inkpost/node -e '
    const socket = require("node:net").connect("/run/inkpost-machine.sock", () => socket.end(JSON.stringify({ duty: "duties", ask: {} }) + "\n"))
    socket.pipe(process.stdout)' | grep '"duties"'
}

check 'the unit starts' runs
runs || tell_service
check 'exposure at most 1.5' exposure
tell "fact exposure $(exposure | tail -1 | grep -o '[0-9.]* [A-Z]* ')"
check 'ports 25, 465, 587 and 443' listens
check 'the console answers over TLS' curl -skS --fail https://127.0.0.1/healthz
check 'no capability but to bind low ports' is_status CapEff 0000000000000400
check 'no new privileges' is_status NoNewPrivs 1
check 'system calls are filtered' is_status Seccomp 2
check 'its log is in its own journal' logged '"event":"ready"'
check 'the document of the boot partition is applied and erased' erased
for _ in 1 2 3; do check 'a mail is taken on port 25' send; done
check 'three mails wait' has_mail 3
check 'a backup with the mail, by a process of lower priority' inkpost backup --with-spool /root/box.backup
check 'the machine service answers' ask_machine
sleep 20
tell "fact gateway $(grep VmRSS "/proc/$(main_pid)/status" | tr -s '\t ' ' ')"
tell "fact gateway $(grep RssAnon "/proc/$(main_pid)/status" | tr -s '\t ' ' ')"
tell "fact memory of the unit, octets $(systemctl show -P MemoryCurrent inkpost.service)"
tell "fact its journald $(grep VmRSS /proc/"$(systemctl show -P MainPID systemd-journald@inkpost.service)"/status | tr -s '\t ' ' ')"

check 'upgrade' dpkg -i /root/present.deb
check 'upgrade: it runs' runs
check 'upgrade: nothing is lost' has_mail 3
check 'upgrade: mail is taken' send
check 'upgrade: exposure at most 1.5' exposure
tell "fact exposure after the upgrade $(exposure | tail -1 | grep -o '[0-9.]* [A-Z]* ')"
exposure | awk '/✗/ { print "inkpost-test: fact open to " $2, $NF }'

first=$(main_pid)
kill -STOP "$first"
is_new() { runs && test "$(main_pid)" != "$first" && systemctl show -P SubState inkpost.service | grep -q running; }
check 'one that hangs is started anew by the watchdog' until_true is_new
check 'the watchdog was it' bash -c "journalctl -b --no-pager | grep -q 'inkpost.service: Watchdog timeout'"
check 'watchdog: nothing is lost' has_mail 4
first=$(main_pid)
kill -KILL "$first"
check 'one that dies is started anew' until_true is_new
check 'kill: nothing is lost' has_mail 4

systemctl stop inkpost.service
check 'a stop is a success' test "$(systemctl show -P Result inkpost.service)" = success
inkpost export > /dev/null && touch /var/lib/inkpost/of-root
systemctl start inkpost.service
check 'what root left in the data is handed over' owned
touch /boot/firmware/inkpost-reset
systemctl restart inkpost.service
check 'the file of a reset is taken away' test ! -e /boot/firmware/inkpost-reset
check 'and obeyed' logged '"event":"box-reset"'

check 'rollback' dpkg -i /root/previous.deb
check 'rollback: it runs' runs
check 'rollback: nothing is lost' has_mail 4
check 'remove' dpkg -r inkpost
check 'remove: it has stopped' bash -c "! ss -ltnH | grep -q ':25 '"
check 'remove: the mail stays' test -s /var/lib/inkpost/spool.db
check 'purge' dpkg -P inkpost
check 'purge: nothing is left' bash -c '! ls -d /var/lib/inkpost /etc/inkpost /var/log/journal/*.inkpost /run/log/journal/*.inkpost 2>/dev/null | grep .'
check 'no unit has failed' no_unit_failed
finish
