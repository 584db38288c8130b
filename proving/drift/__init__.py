"""Thirty simulated days under the charts of drift: how often they cry wolf, how soon they see."""
