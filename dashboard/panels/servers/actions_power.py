"""Switching servers on and off, and stopping them where they are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from dashboard.cloud import server_actions as cloud_actions
from dashboard.cloud.servers import Server
from dashboard.panels.servers.actions_rules import command, says, simply, unless
from dashboard.ui.panel import Action

POWER = gettext_lazy("Power")

POWER_ACTIONS: tuple[Action[Server], ...] = (
    Action(
        slug="start",
        label=gettext_lazy("Start"),
        icon="player-play",
        section=POWER,
        run=simply(cloud_actions.start_server),
        cli=command("server", "start"),
        when=unless(lambda server: server.can_start, gettext_lazy("Only a server that is shut off can be started.")),
        says=says(
            gettext_lazy("“%(name)s” will be powered on."), gettext_lazy("These %(n)d servers will be powered on.")
        ),
        started=gettext_lazy("Starting"),
        is_primary=True,
    ),
    Action(
        slug="stop",
        label=gettext_lazy("Stop"),
        icon="player-stop",
        section=POWER,
        run=simply(cloud_actions.stop_server),
        cli=command("server", "stop"),
        when=unless(lambda server: server.can_stop, gettext_lazy("Only an active server can be stopped.")),
        says=says(
            gettext_lazy("“%(name)s” will be shut down. It keeps its disks and addresses, and goes on using quota."),
            gettext_lazy("These %(n)d servers will be shut down. They keep their disks and addresses."),
        ),
        started=gettext_lazy("Stopping"),
        is_primary=True,
    ),
    Action(
        slug="reboot",
        label=gettext_lazy("Reboot"),
        icon="refresh",
        section=POWER,
        run=simply(cloud_actions.reboot_server),
        cli=command("server", "reboot"),
        when=unless(lambda server: server.can_reboot, gettext_lazy("Only an active server can be rebooted this way.")),
        says=says(
            gettext_lazy("The operating system of “%(name)s” will be asked to restart."),
            gettext_lazy("The operating systems of these %(n)d servers will be asked to restart."),
        ),
        started=gettext_lazy("Rebooting"),
    ),
    Action(
        slug="hard-reboot",
        label=gettext_lazy("Hard reboot"),
        icon="refresh-alert",
        section=POWER,
        run=lambda cloud, server, data: cloud_actions.reboot_server(cloud, id=server.id, is_hard=True),
        cli=command("server", "reboot", "--hard"),
        when=unless(lambda server: server.can_reboot_hard, gettext_lazy("It can't be rebooted in this state.")),
        says=says(
            gettext_lazy("“%(name)s” will be switched off and on again. What it has not written to disk is lost."),
            gettext_lazy("These %(n)d servers will be switched off and on again. What is not on disk is lost."),
        ),
        started=gettext_lazy("Rebooting"),
        is_dangerous=True,
    ),
    Action(
        slug="pause",
        label=gettext_lazy("Pause"),
        icon="player-pause",
        section=POWER,
        run=simply(cloud_actions.pause_server),
        cli=command("server", "pause"),
        when=unless(lambda server: server.can_pause, gettext_lazy("Only an active server can be paused.")),
        says=says(
            gettext_lazy(
                "“%(name)s” will stop where it is, with all in memory. It goes on using its host's memory, and goes "
                "on at once when it is unpaused; if the host fails meanwhile, what was in memory is lost."
            ),
            gettext_lazy("These %(n)d servers will stop where they are, with all in memory, until they are unpaused."),
        ),
        started=gettext_lazy("Pausing"),
    ),
    Action(
        slug="unpause",
        label=gettext_lazy("Unpause"),
        icon="player-play",
        section=POWER,
        run=simply(cloud_actions.unpause_server),
        cli=command("server", "unpause"),
        when=unless(lambda server: server.can_unpause, gettext_lazy("It is not paused.")),
        says=says(
            gettext_lazy("“%(name)s” will go on where it was."),
            gettext_lazy("These %(n)d servers will go on where they were."),
        ),
        started=gettext_lazy("Unpausing"),
    ),
    Action(
        slug="suspend",
        label=gettext_lazy("Suspend"),
        icon="moon",
        section=POWER,
        run=simply(cloud_actions.suspend_server),
        cli=command("server", "suspend"),
        when=unless(lambda server: server.can_suspend, gettext_lazy("Only an active server can be suspended.")),
        says=says(
            gettext_lazy(
                "The memory of “%(name)s” will be written to its host's disk, and the server switched off. It goes on "
                "where it was when it is resumed. Its quota stays used."
            ),
            gettext_lazy("The memory of these %(n)d servers will be written to disk, and the servers switched off."),
        ),
        started=gettext_lazy("Suspending"),
    ),
    Action(
        slug="resume",
        label=gettext_lazy("Resume"),
        icon="player-play",
        section=POWER,
        run=simply(cloud_actions.resume_server),
        cli=command("server", "resume"),
        when=unless(lambda server: server.can_resume, gettext_lazy("It is not suspended.")),
        says=says(
            gettext_lazy("“%(name)s” will go on where it was."),
            gettext_lazy("These %(n)d servers will go on where they were."),
        ),
        started=gettext_lazy("Resuming"),
    ),
)
