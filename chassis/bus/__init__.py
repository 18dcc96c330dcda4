"""The bus: how records leave a service and reach the others, the same for every adapter."""

from chassis.bus.interface import Bus, LogWentBackwards, Message, Placed, PublishFailed, Received, Subscription

__all__ = ["Bus", "LogWentBackwards", "Message", "Placed", "PublishFailed", "Received", "Subscription"]
