from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    name = "ballast.areas.responses"
    label = "responses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new forecast says which warnings stand; lamps say what became of those that somebody answered."""
        from ballast.areas.alerts.events import answered_lamps_turned, silence_ended
        from ballast.areas.chains.events import forecast_finished
        from ballast.areas.modes.events import mode_turned
        from ballast.areas.reserve.trigger.offered import offer_warnings

        mode_turned.connect(_tell_of_mode, dispatch_uid="responses.tell_of_mode")
        forecast_finished.connect(_follow, dispatch_uid="responses.follow")
        answered_lamps_turned.connect(_tell_of_lamps, dispatch_uid="responses.tell_of_lamps")
        silence_ended.connect(_tell_withheld, dispatch_uid="responses.tell_withheld")
        offer_warnings(_standing)


def _follow(sender: object, *, run: object, **_more: object) -> None:
    """Bring the warnings up to date and tell of them, in the transaction of the forecast."""
    from ballast.areas.responses.warnings.following import follow_run

    follow_run(run)  # type: ignore[arg-type]


def _tell_of_lamps(sender: object, *, turned: list[object], **_more: object) -> None:
    """Tell that lamps which somebody answered became worse or burn no more."""
    from ballast.areas.responses.answers.telling import lamps_turned

    lamps_turned(turned)  # type: ignore[arg-type]


def _tell_withheld(sender: object, **_more: object) -> None:
    """A silence that was ended early lets through what it kept back."""
    from ballast.areas.responses.warnings.telling import tell_withheld

    tell_withheld()


def _standing(level: str, region: str, chain: str, days: int) -> list[int]:
    """Open warnings for the conditions of the policy reserve."""
    from ballast.areas.responses.warnings.standing import standing

    return standing(level, region, chain, days)


def _tell_of_mode(sender: object, *, switch: object, what: str, **_more: object) -> None:
    """Tell those in its scope that a mode begins, goes on or is over."""
    from ballast.areas.responses.modes.telling import tell_of_mode

    tell_of_mode(switch, what)  # type: ignore[arg-type]
