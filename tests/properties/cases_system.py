"""Cases of the states that change the system, each in a throw-away root."""

from __future__ import annotations

from trials import FAILS, NOTHING, case, none_of, only

ACL = {"acl_type": "user", "acl_name": "daemon", "perms": "r"}
ALTERNATIVES = "for n in one two; do printf '#!/bin/sh\\n' > @WORK@/$n; chmod 755 @WORK@/$n; done; "
INSTALLED = "update-alternatives --quiet --install @WORK@/link trial @WORK@/one 5; "
BOTH = ALTERNATIVES + INSTALLED + "update-alternatives --quiet --install @WORK@/link trial @WORK@/two 1; "
LINKED = {"link": "@WORK@/link", "path": "@WORK@/one", "priority": 5}
APACHE = (
    "mkdir -p /etc/apache2/sites-available /etc/apache2/sites-enabled /etc/apache2/conf-available "
    "/etc/apache2/conf-enabled /etc/apache2/mods-available /etc/apache2/mods-enabled; "
    "cd /etc/apache2; echo '# x' > sites-available/trial.conf; echo '# x' > conf-available/trial.conf; "
    "echo '# x' > mods-available/trial.load; "
)
AT = {"timespec": "23:05 2040-01-02", "tag": "trial", "unique_tag": True}
NO_JOBS = "for j in $(atq | cut -f1); do atrm $j; done; "
CRON = "printf 'MAILTO=me\\n5 4 * * * own\\n' | crontab -u root -; "
JOB = ("cron.present", {"name": "date > /x", "minute": 5, "identifier": "trial"})
EARLIER = "an earlier state may make what lacks"
COLOUR = {"trial/colour": {"type": "string", "value": "blue"}}
USER = ("user.present", {"name": "tu", "uid": 4242, "shell": "/bin/sh"})
GROUP = ("group.present", {"name": "tg", "gid": 4343})

ACCOUNTS = [
    case("user.present", "tu", uid=4242, shell="/bin/sh", foretells=only("name", "uid", "shell")),
    case("user.present", "tu", first=(USER,), uid=4242, shell="/bin/sh", does=NOTHING),
    case("user.present", "tu", first=(USER,), shell="/bin/bash", fullname="T U", groups=["audio"], label="changed"),
    case("user.present", "tu", first=(USER,), home="/home/other", label="home"),
    case("user.present", "tu", first=(USER,), password="$6$a$b", label="password"),
    case("user.present", "tu", groups=["nosuch"], does=FAILS, unsure=EARLIER),
    case("user.absent", "tu", first=(USER,)),
    case("user.absent", "tu", first=(USER,), purge=True, label="purge"),
    case("user.absent", "nosuch", does=NOTHING),
    case("group.present", "tg", gid=4343),
    case("group.present", "tg", first=(GROUP,), gid=4343, does=NOTHING),
    case("group.present", "tg", first=(GROUP,), gid=4344, label="gid"),
    case("group.present", "tg", first=(GROUP, USER), members=["tu"], label="members"),
    case("group.present", "tg", first=(GROUP, USER), addusers=["tu"], label="more"),
    case("group.present", "tg", members=["a"], addusers=["b"], does=FAILS),
    case("group.absent", "tg", first=(GROUP,)),
    case("group.absent", "tg", does=NOTHING),
]  # fmt: skip
FILES = [
    case("acl.present", "@WORK@/f", "touch f", **ACL),
    case("acl.present", "@WORK@/f", "touch f; setfacl -m u:daemon:r f", does=NOTHING, **ACL),
    case("acl.present", "@WORK@/f", "touch f; setfacl -m u:daemon:rwx f", label="other", **ACL),
    case("acl.present", "@WORK@/f", does=FAILS, **ACL),
    case("acl.absent", "@WORK@/f", "touch f; setfacl -m u:daemon:r f", **ACL),
    case("acl.absent", "@WORK@/f", "touch f", does=NOTHING, **ACL),
    case("acl.list_present", "@WORK@/f", "touch f", acl_type="user", acl_names=["daemon", "bin"], perms="r"),
    case("acl.list_present", "@WORK@/f", "touch f; setfacl -m u:daemon:r,u:bin:r f", acl_type="user",
         acl_names=["daemon", "bin"], perms="r", does=NOTHING),
    case("acl.list_absent", "@WORK@/f", "touch f; setfacl -m u:daemon:r,u:bin:r f", acl_type="user",
         acl_names=["daemon", "bin"], perms="r"),
    case("alternatives.install", "trial", ALTERNATIVES, foretells=none_of, **LINKED),
    case("alternatives.install", "trial", ALTERNATIVES + INSTALLED, does=NOTHING, **LINKED),
    case("alternatives.remove", "trial", BOTH, path="@WORK@/one", foretells=none_of),
    case("alternatives.remove", "trial", BOTH, path="@WORK@/three", does=NOTHING),
    case("alternatives.set", "trial", BOTH, path="@WORK@/two", foretells=none_of),
    case("alternatives.set", "trial", BOTH + "update-alternatives --set trial @WORK@/two", path="@WORK@/two",
         does=NOTHING),
    case("alternatives.auto", "trial", BOTH + "update-alternatives --set trial @WORK@/two", foretells=none_of),
    case("alternatives.auto", "trial", BOTH, does=NOTHING),
    case("apache_conf.enabled", "trial", APACHE),
    case("apache_conf.enabled", "trial", APACHE + "a2enconf -q trial", does=NOTHING),
    case("apache_conf.disabled", "trial", APACHE + "a2enconf -q trial"),
    case("apache_conf.disabled", "trial", APACHE, does=NOTHING),
    case("apache_module.enabled", "trial", APACHE),
    case("apache_module.enabled", "trial", APACHE + "a2enmod -q trial", does=NOTHING),
    case("apache_module.disabled", "trial", APACHE + "a2enmod -q trial"),
    case("apache_module.disabled", "trial", APACHE, does=NOTHING),
    case("apache_site.enabled", "trial", APACHE),
    case("apache_site.enabled", "trial", APACHE + "a2ensite -q trial", does=NOTHING),
    case("apache_site.disabled", "trial", APACHE + "a2ensite -q trial"),
    case("apache_site.disabled", "trial", APACHE, does=NOTHING),
]  # fmt: skip
SETTINGS = [
    case("at.present", "echo hi", NO_JOBS, foretells=none_of, **AT),
    case("at.present", "echo hi", NO_JOBS, first=(("at.present", {"name": "echo hi", **AT}),), does=NOTHING, **AT),
    case("at.absent", "x", NO_JOBS, first=(("at.present", {"name": "echo hi", **AT}),), tag="trial", foretells=none_of),
    case("at.absent", "x", NO_JOBS, tag="nosuch", does=NOTHING),
    case("at.watch", "echo hi", NO_JOBS, does=NOTHING, **AT),
    case("at.mod_watch", "echo hi", NO_JOBS, foretells=none_of, sfun="watch", **AT),
    case("cron.present", "date > /x", CRON, minute=5, foretells=none_of),
    case("cron.present", "date > /x", CRON, first=(JOB,), minute=5, identifier="trial", does=NOTHING),
    case("cron.present", "date > /x", CRON, first=(JOB,), minute=6, identifier="trial", foretells=none_of,
         label="minute"),
    case("cron.present", "date > /x", CRON, minute=5, user="nosuch", does=FAILS),
    case("cron.absent", "date > /x", CRON, first=(JOB,), identifier="trial", foretells=none_of),
    case("cron.absent", "date > /x", CRON, does=NOTHING),
    case("cron.env_present", "A", CRON, value="1", foretells=none_of),
    case("cron.env_present", "A", CRON, first=(("cron.env_present", {"name": "A", "value": "1"}),), value="1",
         does=NOTHING),
    case("cron.env_absent", "A", CRON, first=(("cron.env_present", {"name": "A", "value": "1"}),), foretells=none_of),
    case("cron.env_absent", "A", CRON, does=NOTHING),
    case("cron.file", "salt://tab", CRON + "echo '1 2 * * * x' > @BASE@/tab"),
    case("cron.file", "salt://tab", "echo '1 2 * * * x' > @BASE@/tab; crontab @BASE@/tab", does=NOTHING),
    case("debconf.set", "trial", data=COLOUR, foretells=lambda changes: {"trial/colour": "New value: blue"}),
    case("debconf.set", "trial", first=(("debconf.set", {"name": "trial", "data": COLOUR}),), data=COLOUR,
         does=NOTHING),
    case("debconf.set_file", "x", "echo 'trial trial/a boolean true' > @BASE@/answers",
         source="salt://answers", foretells=none_of),
    case("kmod.present", "nosuch", does=FAILS, unsure=EARLIER),
    case("kmod.absent", "nosuch", does=NOTHING),
    case("locale.present", "en_GB.UTF-8", foretells=none_of),
    case("locale.present", "en_GB.UTF-8", first=(("locale.present", {"name": "en_GB.UTF-8"}),), does=NOTHING),
    case("locale.system", "C.UTF-8", "echo LANG=C > /etc/default/locale; rm -f /etc/locale.conf", foretells=none_of),
    case("mount.mounted", "@WORK@/m", "touch fstab", device="tmpfs", fstype="tmpfs", mkmnt=True,
         config="@WORK@/fstab", foretells=none_of),
    case("mount.mounted", "@WORK@/m", "touch fstab; mkdir m", device="tmpfs", fstype="tmpfs", config="@WORK@/fstab",
         first=(("mount.mounted", {"name": "@WORK@/m", "device": "tmpfs", "fstype": "tmpfs",
                                   "config": "@WORK@/fstab"}),), does=NOTHING),
    case("mount.unmounted", "@WORK@/m", "mkdir m; mount -t tmpfs tmpfs m", device="tmpfs", foretells=none_of),
    case("mount.unmounted", "@WORK@/m", "mkdir m", device="tmpfs", does=NOTHING),
    case("mount.mod_watch", "@WORK@/m", "mkdir m; mount -t tmpfs tmpfs m", device="tmpfs", fstype="tmpfs",
         sfun="mounted", foretells=none_of, repeats="it mounts anew each time",
         unseen="what is mounted anew looks the same"),
    case("mount.swap", "@WORK@/nosuch", config="@WORK@/fstab", does=FAILS, unsure=EARLIER),
    case("sysctl.present", "kernel.domainname", value="a.example", config="@WORK@/conf", foretells=none_of),
    case("sysctl.present", "kernel.domainname", value="a.example", config="@WORK@/conf", does=NOTHING,
         first=(("sysctl.present", {"name": "kernel.domainname", "value": "a.example", "config": "@WORK@/conf"}),)),
    case("timezone.system", "Europe/Berlin", "echo Etc/UTC > /etc/timezone", utc=True, foretells=none_of),
]  # fmt: skip
SYSCTL = {"context": "/files/etc/sysctl.d/trial.conf", "lens": "Sysctl.lns"}
A_SYSCTL = "echo 'a.b = 1' > /etc/sysctl.d/trial.conf"
KEYBOARD = (
    "printf '#!/bin/sh\\n' > /usr/local/sbin/setupcon; chmod 755 /usr/local/sbin/setupcon; "
    'printf \'XKBMODEL="pc105"\\nXKBLAYOUT="us"\\n\' > /etc/default/keyboard'
)
SCREEN = (
    "printf '#!/bin/sh\\ncase $1 in -query) echo layout: $(cat @WORK@/x);; *) echo $1 > @WORK@/x;; esac\\n' > "
    "/usr/local/bin/setxkbmap; chmod 755 /usr/local/bin/setxkbmap; echo us > x"
)
INTERFACE = {"type": "eth", "proto": "static", "ipaddr": "10.0.0.2", "netmask": "255.255.255.0", "noifupdown": True}
ROUTES = {"routes": [{"name": "near", "ipaddr": "10.0.0.0", "netmask": "255.0.0.0", "gateway": "10.1.0.1"}]}
WATCHED = {"path": "/etc", "mask": ["IN_CREATE"], "cmd": "date"}
INCRON = ("incron.present", {"name": "x", **WATCHED})
ALLOWED = "echo root > /etc/incron.allow"
CRYPTTAB = {"config": "@WORK@/crypttab"}
DEVICES = [
    case("augeas.change", "x", A_SYSCTL, changes=["set a.b 2", "set c.d 3"], **SYSCTL),
    case("augeas.change", "x", A_SYSCTL, changes=["set a.b 1"], does=NOTHING, **SYSCTL),
    case("augeas.change", "x", A_SYSCTL, changes=["set a.b/c 2"], does=FAILS, **SYSCTL),
    case("keyboard.system", "de", KEYBOARD),
    case("keyboard.system", "us", KEYBOARD, does=NOTHING),
    case("keyboard.xorg", "de", SCREEN),
    case("keyboard.xorg", "us", SCREEN, does=NOTHING),
    case("network.managed", "e1", **INTERFACE),
    case("network.managed", "e1", first=(("network.managed", {"name": "e1", **INTERFACE}),), mtu=1400,
         label="changed", **INTERFACE),
    case("network.managed", "e1", type="eth", proto="dchp", noifupdown=True, does=FAILS),
    case("network.routes", "e1", **ROUTES),
    case("network.routes", "e1", first=(("network.routes", {"name": "e1", **ROUTES}),), does=NOTHING, **ROUTES),
    case("network.system", "x", "echo old > /etc/hostname", hostname="web1.example.com", require_reboot=True),
    case("incron.present", "x", ALLOWED, **WATCHED),
    case("incron.present", "x", ALLOWED, first=(INCRON,), does=NOTHING, **WATCHED),
    case("incron.absent", "x", ALLOWED, first=(INCRON,), **WATCHED),
    case("incron.absent", "x", ALLOWED, does=NOTHING, **WATCHED),
    case("sysfs.present", "kernel/nosuch", value=1, does=FAILS),
    case("cryptdev.mapped", "home", "touch crypttab", device="/dev/x", opts=["luks"], **CRYPTTAB),
    case("cryptdev.mapped", "home", "echo 'home /dev/y none' > crypttab", device="/dev/x", label="other", **CRYPTTAB),
    case("cryptdev.mapped", "home", "echo 'home /dev/x none luks' > crypttab", device="/dev/x", opts=["luks"],
         does=NOTHING, **CRYPTTAB),
    case("cryptdev.unmapped", "home", "echo 'home /dev/y none' > crypttab", **CRYPTTAB),
    case("cryptdev.unmapped", "home", "touch crypttab", does=NOTHING, **CRYPTTAB),
]  # fmt: skip
CASES = [*ACCOUNTS, *FILES, *SETTINGS, *DEVICES]
