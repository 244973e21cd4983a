"""A simulated contact centre: voice, chat and deferred work, seeded and reproducible, in virtual time."""

from sources.simulator.model import Simulation
from sources.simulator.profile import Profile, QueueProfile, TeamProfile, default_profile, larger

__all__ = ["Profile", "QueueProfile", "Simulation", "TeamProfile", "default_profile", "larger"]
