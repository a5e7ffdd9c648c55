# The same on a Pi (mmc) and in QEMU (virtio): which slot, with the tries that are left to it. Made into boot.scr by mkimage.
# The state is BOOT_ORDER, BOOT_A_LEFT and BOOT_B_LEFT in two files with checksums on this FAT partition: the first whose
# checksum holds is the truth, and the second is written first, so that a power cut leaves one of them whole.
echo "inkpost: ${devtype} ${devnum}:${distro_bootpart} ${board_name}"

# U-Boot's own addresses are too near to each other for a kernel of 50 MB; these fit into 512 MB.
setenv ip_state 0x07000000; setenv ip_kernel 0x08000000; setenv ip_tree 0x0e000000; setenv ip_initrd 0x0f000000
if test "${devtype}" = virtio; then
  setenv ip_state 0x47000000; setenv ip_kernel 0x48000000; setenv ip_tree 0x4e000000; setenv ip_initrd 0x4f000000
fi

setenv ip_names "BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT"
setenv ip_save 'env export -c -s 0x1000 ${ip_state} ${ip_names}; fatwrite ${devtype} ${devnum}:1 ${ip_state} inkpost-boot-2.env 0x1000; fatwrite ${devtype} ${devnum}:1 ${ip_state} inkpost-boot-1.env 0x1000'
setenv BOOT_ORDER; setenv BOOT_A_LEFT; setenv BOOT_B_LEFT
setenv ip_read
for copy in 1 2; do
  if test -z "${ip_read}" && fatload ${devtype} ${devnum}:1 ${ip_state} inkpost-boot-${copy}.env; then
    if env import -c ${ip_state} ${filesize} ${ip_names}; then setenv ip_read ${copy}; fi
  fi
done
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3

setenv ip_slot
for slot in ${BOOT_ORDER}; do
  if test -z "${ip_slot}"; then
    if test "${slot}" = A && itest ${BOOT_A_LEFT} -gt 0; then
      setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1; setenv ip_slot A; setenv ip_part 2
    fi
    if test "${slot}" = B && itest ${BOOT_B_LEFT} -gt 0; then
      setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1; setenv ip_slot B; setenv ip_part 3
    fi
  fi
done
if test -z "${ip_slot}"; then
  echo "inkpost: no try is left to any slot: from the beginning"
  setenv BOOT_A_LEFT 3; setenv BOOT_B_LEFT 3
  run ip_save
  reset
fi
run ip_save
echo "inkpost: slot ${ip_slot} (order ${BOOT_ORDER}, left A ${BOOT_A_LEFT}, B ${BOOT_B_LEFT}, read from copy ${ip_read})"

# The card by its own identity, whatever the kernel calls it.
part uuid ${devtype} ${devnum}:${ip_part} ip_uuid
setenv ip_console ttyS1,115200
if test "${devtype}" = virtio; then setenv ip_console ttyAMA0; fi
setenv bootargs "root=PARTUUID=${ip_uuid} ro rootwait console=tty0 console=${ip_console} panic=5 loglevel=4 rauc.slot=${ip_slot} systemd.condition-first-boot=no systemd.show_status=1"

if load ${devtype} ${devnum}:${ip_part} ${ip_kernel} /boot/Image && load ${devtype} ${devnum}:${ip_part} ${ip_initrd} /boot/initrd; then
  setenv ip_size ${filesize}
  setenv ip_dt ${fdt_addr}
  if test "${devtype}" = virtio; then setenv ip_dt ${fdtcontroladdr}; fi
  if test "${devtype}" != virtio && load ${devtype} ${devnum}:${ip_part} ${ip_tree} /boot/dtb/${fdtfile}; then setenv ip_dt ${ip_tree}; fi
  booti ${ip_kernel} ${ip_initrd}:${ip_size} ${ip_dt}
fi
echo "inkpost: slot ${ip_slot} does not load"
reset
