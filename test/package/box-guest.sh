#!/bin/bash
# Runs inside a machine with inkpost-box, as its only guest. Its second port leads to the first: in a namespace behind it is
# the LAN, with DHCP, whoever asks, and another box of the same identity.
# shellcheck source=test/package/guest-words.sh
. /root/guest-words.sh
# shellcheck source=test/package/box-lan.sh
. /root/box-lan.sh
# shellcheck source=test/package/box-duties.sh
. /root/box-duties.sh
# shellcheck source=test/package/box-troubles.sh
. /root/box-troubles.sh
# shellcheck source=test/package/box-networks.sh
. /root/box-networks.sh
units='inkpost.service inkpost-machine.service inkpost-firewall.service inkpost-screen.service inkpost-network-start.service
inkpost-network-undo.service inkpost-supplicant@wlan0.service'

screen() { fold -w "$(od -An -tu1 -j1 -N1 /dev/vcsa1 | tr -d ' ')" /dev/vcs1; }
claim_code() { sed -n 's/^Claim code: \(\S*\)\r$/\1/p' /boot/firmware/inkpost-claim.txt; }
is_masked() { for unit in getty@tty1 getty@tty2 serial-getty@ttyS0 autovt@tty3 console-getty debug-shell; do says masked systemctl is-enabled "$unit.service" || return 1; done; }
no_login() { fails pgrep -a 'agetty|login$|sulogin|sshd|dropbear'; }
exposure() { systemd-analyze security --no-pager "$1" | tail -1 | grep -o '[0-9.]* [A-Z]* ' | tr -d '\n'; }

begin_lan
check 'the unit starts' until_true runs
runs || tell_service
check 'the firewall is up' systemctl is-active inkpost-firewall.service
check 'the screen is up' systemctl is-active inkpost-screen.service
check 'the machine service listens' systemctl is-active inkpost-machine.socket
check 'ports 25, 465, 587 and 443' until_true listens
check 'it has an address by DHCP' until_true has_address 192.168.77.50
check 'every terminal is masked' is_masked
check 'nobody can sign in at any' no_login
check 'root has no password' says ' L ' passwd -S root
check 'there is no SSH server' fails test -e /usr/sbin/sshd
check 'the screen shows the address of the console' until_true says 'https://192.168.77.50/' screen
check 'the screen shows the claim code' says "$(claim_code)" screen
check 'the file of the boot partition has it, too' test -n "$(claim_code)"

for port in 25 465 587 443; do check "from the LAN: port $port is open" until_true reach "$port"; done
socat TCP-LISTEN:2222,fork /dev/null &
check 'a program that listens is reached from the machine itself' until_true socat -u /dev/null TCP:127.0.0.1:2222
check 'and not from the LAN' fails reach 2222
check 'nor is LLMNR of systemd-resolved' fails reach 5355
kill %1
check 'the LAN may ping it' in_lan ping -c 1 -W 10 192.168.77.50
check 'the console answers in the LAN' in_lan curl -skS --fail https://192.168.77.50/healthz
check 'its user dials what is in its report' says 'refused\|timed out\|Connected' dial 25
check 'and nothing else' says 'Permission denied\|Operation not permitted\|No route\|unreachable' dial 8080

find_twins
begin_lost_trial
# Meanwhile nothing is asked of the machine service: the end of a trial ends what it is at.
for unit in $units; do tell "fact exposure of $unit $(exposure "$unit")"; done
check 'exposure of the gateway at most 1.5' systemd-analyze security --no-pager --threshold=15 inkpost.service
end_lost_trial
ask_duties
meet_troubles
try_networks

check 'the package is installed over itself' dpkg -i /root/box.deb
check 'it runs again' until_true listens
check 'the firewall is closed again' fails reach 5355
check 'no unit has failed' no_unit_failed
check 'remove' dpkg -r inkpost-box
check 'remove: the firewall is gone' says 'No such file' nft list table inet inkpost
check 'remove: there are terminals again' fails says masked systemctl is-enabled getty@tty1.service
check 'remove: the gateway goes on' runs
finish
