"""The bus: how records leave a service and reach the others, the same for every adapter."""

from chassis.bus.interface import Bus, BusAway, LogWentBackwards, Message, Placed, PublishFailed, Received, Subscription

__all__ = ["Bus", "BusAway", "LogWentBackwards", "Message", "Placed", "PublishFailed", "Received", "Subscription"]
