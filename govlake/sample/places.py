"""Coordinates as maps for the public shift them (GCJ-02), so that the city can deliver some of its places so."""

import numpy as np

AXIS_M, FLATNESS = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940


def shifted_to_gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shifted longitude and latitude of places in WGS-84, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    east, north = _east_m(x, y), _north_m(x, y)
    radians = lat / 180.0 * np.pi
    curve = 1 - FLATNESS * np.sin(radians) ** 2
    north = north * 180.0 / (AXIS_M * (1 - FLATNESS) / (curve * np.sqrt(curve)) * np.pi)
    east = east * 180.0 / (AXIS_M / np.sqrt(curve) * np.cos(radians) * np.pi)
    return lon + east, lat + north


def _waves(value: np.ndarray, factors: tuple[tuple[float, float], ...]) -> np.ndarray:
    return sum((weight * np.sin(value * rate * np.pi) for weight, rate in factors), np.zeros_like(value)) * 2.0 / 3.0


def _north_m(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return (
        plain
        + _waves(x, ((20.0, 6.0), (20.0, 2.0)))
        + _waves(y, ((20.0, 1.0), (40.0, 1 / 3)))
        + _waves(y, ((160.0, 1 / 12), (320.0, 1 / 30)))
    )


def _east_m(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return (
        plain
        + _waves(x, ((20.0, 6.0), (20.0, 2.0)))
        + _waves(x, ((20.0, 1.0), (40.0, 1 / 3)))
        + _waves(x, ((150.0, 1 / 12), (300.0, 1 / 30)))
    )
