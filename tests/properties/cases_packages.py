"""Cases of the states of packages and services, in a throw-away root whose apt knows one repository of the tests."""

from __future__ import annotations

from trials import FAILS, NOTHING, case

ONE, TWO, THREE = "trial-one", "trial-two", "trial-three"
INSTALL = "apt-get -q -y install "
EARLIER = "an earlier state may make what lacks"
COPIED = "sed -i s/file:/copy:/ /etc/apt/sources.list; apt-get -q update; "
LIST = "/etc/apt/sources.list.d/trial.list"
REPO = "deb [trusted=yes] copy:@REPO@ ./"
START = "/etc/init.d/trial start >/dev/null 2>&1 </dev/null; "
ENABLE = "update-rc.d trial defaults; "
SERVICES = [
    case("service.running", "trial"),
    case("service.running", "trial", START, does=NOTHING),
    case("service.running", "trial", enable=True, label="enable"),
    case("service.running", "trial", START, enable=True, label="only-enable"),
    case("service.running", "nosuch", does=FAILS, unsure=EARLIER),
    case("service.dead", "trial", START),
    case("service.dead", "trial", does=NOTHING),
    case("service.dead", "nosuch", does=NOTHING),
    case("service.enabled", "trial"),
    case("service.enabled", "trial", ENABLE, does=NOTHING),
    case("service.disabled", "trial", ENABLE),
    case("service.disabled", "trial", "update-rc.d trial defaults-disabled", does=NOTHING),
    case("service.mod_watch", "trial", START, sfun="running", repeats="it restarts each time"),
    case("service.masked", "trial", does=FAILS),
    case("service.unmasked", "trial", does=FAILS),
]  # fmt: skip
PACKAGES = [
    case("pkg.installed", ONE),
    case("pkg.installed", ONE, INSTALL + ONE, does=NOTHING),
    case("pkg.installed", ONE, version="1.0", label="version"),
    case("pkg.installed", "x", pkgs=[TWO, {THREE: "1:3.0"}], label="several"),
    case("pkg.installed", ONE, INSTALL + ONE + "=1.0", version="1.1", label="newer"),
    case("pkg.installed", "nosuch", does=FAILS, unsure=EARLIER),
    case("pkg.latest", ONE, INSTALL + ONE + "=1.0"),
    case("pkg.latest", ONE, INSTALL + ONE, does=NOTHING),
    case("pkg.uptodate", "x", INSTALL + ONE + "=1.0"),
    case("pkg.removed", ONE, INSTALL + TWO),
    case("pkg.removed", ONE, does=NOTHING),
    case("pkg.purged", ONE, INSTALL + TWO),
    case("pkg.purged", ONE, does=NOTHING),
    case("pkg.downloaded", ONE, COPIED),
    case("pkg.downloaded", "nosuch", does=FAILS, unsure=EARLIER),
    case("pkg.held", ONE, INSTALL + ONE),
    case("pkg.held", ONE, INSTALL + ONE + "; apt-mark hold " + ONE, does=NOTHING),
    case("pkg.unheld", ONE, INSTALL + ONE + "; apt-mark hold " + ONE),
    case("pkg.unheld", ONE, INSTALL + ONE, does=NOTHING),
    case("pkg.group_installed", "x", does=FAILS),
    case("pkg.patch_installed", "x", advisory_ids=["a"], does=FAILS),
    case("pkg.patch_downloaded", "x", advisory_ids=["a"], does=FAILS),
    case("pkg.mod_watch", ONE, sfun="latest", does=NOTHING, first=(("pkg.installed", {"name": ONE}),)),
    case("pkgrepo.managed", REPO, file=LIST, refresh=False),
    case("pkgrepo.managed", REPO, first=(("pkgrepo.managed", {"name": REPO, "file": LIST, "refresh": False}),),
         file=LIST, refresh=False, does=NOTHING),
    case("pkgrepo.managed", "foo", does=FAILS),
    case("pkgrepo.absent", REPO, first=(("pkgrepo.managed", {"name": REPO, "file": LIST, "refresh": False}),),
         refresh=False),
    case("pkgrepo.absent", REPO.replace("./", "other/"), refresh=False, does=NOTHING),
]  # fmt: skip
CASES = [*SERVICES, *PACKAGES]
