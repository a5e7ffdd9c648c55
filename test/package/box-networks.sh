#!/bin/bash
# Networks on trial on the booted box, asked by the command: static, VLAN, Wi-Fi (two emulated radios), 802.1X.
try_network() { inkpost network try "$@" > /dev/null; }
no_trial() { says 'no network is on trial' inkpost network undo; }
is_alerted() { says 'network-undone' inkpost alert list --json; }

begin_lost_trial() {
  check 'a static address on trial' try_network method=static address=192.168.99.9/24 gateway=192.168.99.1
  check 'it is in force' until_true has_address 192.168.99.9
  check 'nobody in the LAN reaches it there' fails in_lan ping -c 1 -W 2 192.168.99.9
  check 'systemd counts its two minutes' systemctl is-active inkpost-network-undo.timer
}

end_lost_trial() {
  check 'nobody kept it: the network of before is back' until_true fails has_address 192.168.99.9
  check 'and reached again' until_true reach 443
  check 'it is said' until_true is_alerted
}

try_vlan() {
  in_lan ip link add link lan0 name tagged type vlan id 7
  in_lan ip addr add 192.168.70.1/24 dev tagged
  in_lan ip link set tagged up
  check 'a VLAN on trial' try_network method=static address=192.168.70.9/24 vlan=7
  check 'VLAN: it is in force' until_true has_address 192.168.70.9 vlan7
  check 'VLAN: it answers with the tag' until_true in_lan ping -c 1 -W 2 192.168.70.9
  check 'VLAN: undone' inkpost network undo
  check 'VLAN: its link is gone' until_true fails test -e /sys/class/net/vlan7
  check 'VLAN: the address of before is back' until_true has_address 192.168.77.50
}

serve_wifi() {
  modprobe mac80211_hwsim radios=2
  until_true test -e /sys/class/net/wlan1
  iw phy phy1 set netns name lan
  in_lan ip addr add 192.168.88.1/24 dev wlan1
  printf '%s\n' interface=wlan1 driver=nl80211 ssid=office hw_mode=g channel=1 wpa=2 wpa_key_mgmt=WPA-PSK rsn_pairwise=CCMP \
    'wpa_passphrase=correct horse' > /run/wifi.conf
  in_lan hostapd -B -f /run/wifi.log /run/wifi.conf
  serve_dhcp wlan1 192.168.88.50
}
try_wifi() {
  serve_wifi
  check 'Wi-Fi on trial' try_network method=dhcp wifi.ssid=office 'wifi.passphrase=correct horse' wifi.country=DE
  check 'Wi-Fi: joined, with an address by DHCP' until_true has_address 192.168.88.50 wlan0
  check 'Wi-Fi: by WPA2' says '4WAY-HS-COMPLETED' cat /run/wifi.log
  check 'Wi-Fi: kept' inkpost network keep
  check 'Wi-Fi: root alone reads the passphrase' says '^600 root$' stat -c '%a %U' /run/inkpost-machine/supplicant/wlan0.conf
  tell "fact exposure of inkpost-supplicant@wlan0.service at work $(exposure inkpost-supplicant@wlan0.service)"
  check 'what the machine came with on trial' inkpost network try --own
  check 'it is in force' until_true has_address 192.168.77.50
  check 'it is kept' until_true inkpost network keep
  check 'and Wi-Fi is left' says inactive systemctl is-active inkpost-supplicant@wlan0.service
}

serve_port_access() {
  mkdir -p /run/ca
  (
    cd /run/ca || exit
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=lan
    for name in server box stranger; do
      openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
      openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3000 -out "$name.pem"
    done
    openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 3650 -subj /CN=other
    printf '"box"\tPEAP,TLS\n"box"\tMSCHAPV2\t"secret"\t[2]\n' > users
    cat box.key box.pem > own.pem
    install -g inkpost -m 640 ca.pem own.pem other.pem /etc/inkpost/
  ) > /dev/null 2>&1
  printf '%s\n' interface=lan0 driver=wired ieee8021x=1 use_pae_group_addr=1 eap_server=1 eap_user_file=/run/ca/users \
    ca_cert=/run/ca/ca.pem server_cert=/run/ca/server.pem private_key=/run/ca/server.key > /run/wired.conf
  in_lan hostapd -B -f /run/wired.log /run/wired.conf
}
supplicant_says() { says "$1" journalctl -b --no-pager -o cat -u inkpost-supplicant@enp0s2.service --since "@$trial_began"; }
port_access() { # NAME KEYS...
  local name=$1
  shift
  trial_began=$(date +%s)
  check "$name" try_network method=dhcp port_access.identity=box "$@"
}
try_port_access() {
  serve_port_access
  port_access '802.1X by PEAP on trial' port_access.method=peap port_access.password=secret port_access.ca_file=/etc/inkpost/ca.pem
  check 'PEAP: let in' until_true supplicant_says 'MSCHAPV2: Authentication succeeded'
  check 'PEAP: undone' inkpost network undo
  port_access '802.1X with the authority of somebody else on trial' port_access.method=peap port_access.password=secret port_access.ca_file=/etc/inkpost/other.pem
  check 'PEAP: a server that another authority signed is told no password' until_true supplicant_says 'unable to get local issuer certificate\|TLS-CERT-ERROR'
  check 'PEAP: undone' inkpost network undo
  port_access '802.1X by EAP-TLS on trial' port_access.method=eap-tls port_access.certificate_file=/etc/inkpost/own.pem port_access.ca_file=/etc/inkpost/ca.pem
  check 'EAP-TLS: chosen' until_true supplicant_says 'method 13 (TLS) selected'
  check 'EAP-TLS: let in' until_true supplicant_says 'EAP-SUCCESS'
  check 'EAP-TLS: kept' inkpost network keep
}

try_networks() {
  try_vlan
  try_wifi
  try_port_access
}
