"""Invented people: nobody real can be called, written to or found with what is made
here.

Phone numbers are +1 NPA 555-0100 to -0199, reserved for fiction, and when those are
used up +1 555 NXX XXXX, an area code that does not exist. E-mail addresses end in
example.com, .org or .net (RFC 2606), IP addresses are for documentation (RFC 5737, RFC
3849).
"""

import unicodedata
from random import Random
from typing import NamedTuple

FIRST = (
    "Aïcha", "Álvaro", "Anneke", "Beatriz", "Björn", "Camille", "Chloé", "Dmitri",
    "Elif", "Emeka", "Esmé", "Fatima", "Félix", "Grace", "Günther", "Hana", "Henrik",
    "Inês", "Ingrid", "Jasper", "Jelena", "José", "Kofi", "Lena", "Léa", "Lucía",
    "Mads", "Malik", "María", "Mateo", "Mei", "Nadia", "Noé", "Olga", "Omar", "Pilar",
    "Priya", "Quentin", "Rana", "René", "Rosa", "Søren", "Sofía", "Tadeo", "Tomás",
    "Ulrike", "Uma", "Vera", "Wanda", "Xavier", "Yara", "Yuki", "Zoë", "Zuzana",
)  # fmt: skip
LAST = (
    "Abara", "Álvarez", "Andersen", "Bakker", "Béranger", "Brontë", "Castaño", "Chen",
    "Díaz", "Dubois", "Eriksson", "Falk", "Ferreira", "García", "Gómez", "Haddad",
    "Holm", "Ibáñez", "Ito", "Jóhannsson", "Kaur", "Kovač", "Larsen", "López",
    "Lindqvist", "Maçon", "Mbeki", "Müller", "Nakamura", "Núñez", "Okafor", "Ortega",
    "Peña", "Petrov", "Quiñones", "Rahman", "Ríos", "Šimić", "Sørensen", "Tanaka",
    "Thiên", "Urbański", "Vásquez", "Wójcik", "Xu", "Yalçin", "Žáková", "Zielinski",
)  # fmt: skip
STREETS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
IPV6 = "2001:db8:"
DOMAINS = ("example.com", "example.org", "example.net")
CAST_AREA = 202  # for the people of `cast` alone
AREAS = tuple(
    area
    for area in range(201, 990)
    if area not in (CAST_AREA, 555)
    and area % 100 != 11  # N11 are service codes
    and area % 100 // 10 != 9  # N9X are reserved
    and area // 10 not in (37, 96)  # reserved for expansion
    and area // 100 != 8  # not toll-free
)
FICTIONAL = len(AREAS) * 100


class City(NamedTuple):
    name: str
    state: str
    postal: str
    latitude: float
    longitude: float
    time_zone: str


CITIES = (
    City("Albany", "NY", "122", 42.65, -73.76, "America/New_York"),
    City("Boise", "ID", "837", 43.62, -116.20, "America/Boise"),
    City("Cañon City", "CO", "812", 38.44, -105.24, "America/Denver"),
    City("Dayton", "OH", "454", 39.76, -84.19, "America/New_York"),
    City("El Paso", "TX", "799", 31.76, -106.49, "America/Denver"),
    City("Fresno", "CA", "937", 36.74, -119.79, "America/Los_Angeles"),
    City("Peoria", "IL", "616", 40.69, -89.59, "America/Chicago"),
    City("Tampa", "FL", "336", 27.95, -82.46, "America/New_York"),
)


def plain(name: str) -> str:
    """Without accents, in lower case; letters that do not decompose are left out."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isascii())


FIRST_NAMES = tuple((name, plain(name)) for name in FIRST)
LAST_NAMES = tuple((name, plain(name)) for name in LAST)


class Person(NamedTuple):
    first: str
    last: str
    email: str
    phone: str


def person(random: Random, number: int, phone_number: int) -> Person:
    """The number keeps e-mail addresses distinct, and the other number phone
    numbers."""
    first, short = FIRST_NAMES[int(random.random() * len(FIRST_NAMES))]
    last, family = LAST_NAMES[int(random.random() * len(LAST_NAMES))]
    email = f"{short}.{family}{number}@{DOMAINS[number % 3]}"
    return Person(first, last, email, phone(phone_number))


def phone(number: int) -> str:
    """A distinct phone number for each number, in no visible order."""
    if number < FICTIONAL:
        line, area = divmod(number, len(AREAS))
        return f"+1{AREAS[area]}55501{line:02d}"
    exchange, line = divmod((number - FICTIONAL) * 7_919 % 8_000_000, 10_000)
    return f"+1555{200 + exchange}{line:04d}"


def ip(random: Random, *, exact: bool = True) -> str:
    """A machine's address, or of its network alone."""
    if random.random() < 0.12:
        return f"{IPV6}{random.getrandbits(16):x}::1f" if exact else f"{IPV6}:"
    network = NETWORKS[int(random.random() * 3)]
    return f"{network}{1 + int(random.random() * 254)}" if exact else f"{network}0"
