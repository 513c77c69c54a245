# Makes the disk debian-12-broken inside a helper guest (debian_12.cpp): the disk with the serial number "debian" gets the
# root that lies as a tar on the disk "tar". BIOS boots it alone, but for the entry of its fstab that no device has.
set -eu

# The kernel's name of the disk with this serial number.
disk_of() {
  for block in /sys/block/vd*; do
    if [ "$(cat "$block/serial")" = "$1" ]; then echo "/dev/${block##*/}"; return; fi
  done
  echo "no disk $1" >&2
  exit 1
}

disk=$(disk_of debian)
rescue write "${disk##*/}" > /run/write
sfdisk --quiet "$disk" <<END
label: gpt
label-id: 00003000-0000-4000-8000-000000000001
size=1M, type=21686148-6449-6E6F-744E-656564454649
type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
END
udevadm settle --timeout=30
mkfs.ext4 -q -E lazy_itable_init=1,nodiscard -L debian-root -U "$ROOT_UUID" "${disk}2"
udevadm settle --timeout=30
mount "${disk}2" /mnt
tar --extract --file="$(disk_of tar)" --directory=/mnt --numeric-owner
cat > /mnt/etc/fstab <<END
# A disk that was pulled out years ago. Five seconds, where the default is ninety.
UUID=$ROOT_UUID / ext4 errors=remount-ro 0 1
UUID=$LOST_UUID /srv/data ext4 defaults,x-systemd.device-timeout=5s 0 2
END
for folder in dev proc sys; do mount --rbind "/$folder" "/mnt/$folder"; done
chroot /mnt grub-install --target=i386-pc "$disk" 2> /run/grub-install || { cat /run/grub-install >&2; exit 1; }
chroot /mnt update-grub 2> /run/update-grub || { cat /run/update-grub >&2; exit 1; }
for folder in dev proc sys; do umount --recursive "/mnt/$folder"; done
umount /mnt
blockdev --flushbufs "$disk"
echo made
