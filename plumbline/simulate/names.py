"""Names for people who do not exist: common in Britain, of the mixed heritage of its councils' staff."""

from __future__ import annotations

from random import Random


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


FIRST = _listed(
    "Aaliyah Abigail Adaeze Adam Aisha Alasdair Alice Amara Amir Andrew Angela Anita Anna Anthony Arjun Ayesha Beatrice "
    "Ben Bethan Bilal Blessing Bronwen Callum Carol Catherine Charlotte Chidi Chloe Claire Connor Craig Daniel Danielle "
    "David Deborah Deepa Delroy Diane Dominic Donna Ebony Eilidh Elaine Eleanor Emeka Emily Emma Errol Esther Fatima "
    "Fergus Fiona Folake Gareth Gemma George Grace Grzegorz Hannah Harpreet Harriet Hassan Heather Helen Holly Ian "
    "Ibrahim Imogen Iona Isaac Jack Jacqueline Jamal James Jasmine Jason Jaspreet Jennifer Joanna Joel Joseph Joy Julie "
    "Karen Kasia Kate Keisha Kelly Kevin Khadija Kiran Kofi Kwame Laura Leanne Lee Leila Leon Lewis Linda Lisa Louise "
    "Lucy Mandeep Marcia Marcus Maria Mariam Mark Martin Matthew Meera Megan Michael Michelle Mohammed Nadia Naomi "
    "Natalie Neil Ngozi Niamh Nicola Nikhil Oliver Olivia Omar Owen Parveen Patience Patrick Paul Peter Philip Pooja "
    "Priya Rachel Rajesh Rebecca Rhys Robert Rosa Ruth Samantha Samuel Sandra Sarah Sean Shabana Shanice Sharon Simon "
    "Siobhan Sophie Stephen Stuart Sunita Susan Tanisha Tariq Temitope Teresa Thomas Tomasz Tracey Usman Victoria Vikram "
    "Vivienne Wendy William Winston Yasmin Yusuf Yvonne Zainab Zara Zoe"
)
LAST = _listed(
    "Abbott Abdi Adebayo Adeyemi Agyeman Ahmed Akhtar Ali Allen Anderson Asante Baker Banerjee Barnes Begum Bell Bennett "
    "Bhatti Boateng Brown Burke Butler Campbell Carter Chan Chaudhry Chen Clarke Collins Cooper Cox Daley Das Davies "
    "Dawson Desai Dhillon Dixon Edwards Ellis Evans Farah Fernandes Fisher Foster Francis Gallagher Gill Gordon "
    "Graham Grant Green Griffiths Gupta Hall Harris Harrison Hassan Henry Hill Hughes Hussain Hutchinson Islam Jackson "
    "James Jenkins Johnson Jones Joseph Kamara Kapoor Kaur Kelly Kennedy Khan King Knight Kowalski Lawrence Lee Lewis "
    "Malik Marshall Martin Mason McCarthy McDonald Mensah Miah Mitchell Mohamed Moore Morgan Morris Murphy Murray Mwangi "
    "Ncube Nguyen Nowak Nwosu Okafor Okoye Oliver Osei Owusu Parker Patel Pearce Perera Phillips Powell Price Qureshi "
    "Rahman Rees Reid Richards Roberts Robinson Rogers Rose Ross Russell Ryan Sandhu Scott Shah Sharma Shaw Sheikh "
    "Simpson Singh Smith Stewart Taylor Thomas Thompson Turner Uddin Walker Walsh Ward Watson White Williams Wilson "
    "Wojcik Wood Wright Yeboah Young"
)
AUTHORITIES = (
    "Westmarch",
    "Elmshire",
    "Saltmere",
    "Kingsfell",
    "Aldercombe",
    "Thornbury Vale",
    "Norwick",
    "Harrowdale",
    "Stonebridge and Wold",
    "Merefield",
)


def full_names(chance: Random, count: int) -> list[str]:
    """``count`` different full names."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{chance.choice(FIRST)} {chance.choice(LAST)}"] = None
    return list(found)


def mailbox(name: str, authority: str) -> str:
    """An address that can never receive mail: ``.example`` is reserved for that."""
    domain = "-".join(authority.casefold().split())
    return f"{'.'.join(name.casefold().split())}@{domain}.example"
