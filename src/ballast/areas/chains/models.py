"""Forecast runs and what they found, kept with the hash of the network and the parameters."""

from django.db import models

from ballast.areas.registry.models import Event, Site

__all__ = ["EventForecast", "ForecastRun", "SiteForecast"]


class ForecastRun(models.Model):
    """One run of the engine over the whole register."""

    day = models.DateField()
    horizon = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    network_hash = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    # The newest finished run is what pages show; older ones stay for yesterday's brief.
    is_current = models.BooleanField(default=False, db_index=True)

    class Meta:
        ordering = ["-id"]


class SiteForecast(models.Model):
    """What the run says of one site that does not run in full; days count from the run's day.

    `stop_day` is the earliest day (unknown stocks taken as empty); `certain` says that the site
    stops whatever the unknown stocks are, from `stop_day_latest` at the latest.
    """

    run = models.ForeignKey(ForecastRun, on_delete=models.CASCADE, related_name="sites")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="forecasts")
    stop_day = models.PositiveIntegerField(null=True, blank=True)
    stop_day_latest = models.PositiveIntegerField(null=True, blank=True)
    certain = models.BooleanField(default=False)
    slow_day = models.PositiveIntegerField(null=True, blank=True)
    red_day = models.PositiveIntegerField(null=True, blank=True)
    recovery_day = models.PositiveIntegerField(null=True, blank=True)
    # Money over the horizon if unknown stocks are empty; empty when the site's output value is unknown.
    lost_output = models.FloatField(null=True, blank=True)
    # The same if they are at their upper bound: the least that is lost.
    lost_output_low = models.FloatField(null=True, blank=True)
    lead_event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Cause path as core.forecast gives it: nodes, edges with days of cover, joint causes.
    path = models.JSONField(default=dict)
    # Ids of the events that all have to end so that it does not stop; where even then another cause stops it later,
    # those of its stop day. Empty when no event holds it, or when it only slows on a day so late that nobody asks.
    causes = models.JSONField(default=list)

    class Meta:
        ordering = ["stop_day", "site__site_id"]
        constraints = [models.UniqueConstraint(fields=["run", "site"], name="chains_run_site")]
        indexes = [models.Index(fields=["run", "stop_day"]), models.Index(fields=["run", "lead_event"])]


class EventForecast(models.Model):
    """What the run says of one event, and the event as the run counted it."""

    run = models.ForeignKey(ForecastRun, on_delete=models.CASCADE, related_name="events")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="forecasts")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    capacity_left = models.FloatField()
    # Sites that it holds; of a lane, the sites that are supplied over it.
    sites = models.PositiveIntegerField()
    # Money lost over the horizon with the event, minus without it (unknown stocks taken as empty).
    output_at_risk = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "event"], name="chains_run_event")]

    def counts(self, event: Event) -> bool:
        """Whether the run has counted the event as it stands now."""
        return (self.start, self.end, self.capacity_left) == (event.start, event.end, event.capacity_left)
