"""Names for people who do not want to be named: two words, the same for a person in a course, telling nothing.

Only who holds the installation's key can say which name belongs to whom.
"""

import hmac
from hashlib import sha256

_ADJECTIVES = (
    "Agile Amber Ancient Apt Azure Balmy Bold Brave Breezy Bright Brisk Calm Candid Careful Cheerful Clear Clever "
    "Coral Cosmic Cosy Crimson Crisp Curious Daring Dapper Deft Eager Early Earnest Easy Ebony Emerald Fair Fearless "
    "Fine Fleet Fluent Free Fresh Gentle Gilded Glad Golden Grand Green Happy Hardy Hazel Honest Humble Indigo Ivory "
    "Jade Jolly Jovial Keen Kind Lively Loyal Lucid Lucky Lunar Mellow Merry Mild Mindful Modest Neat Nimble Noble "
    "Olive Patient Pearl Plucky Polished Proud Quick Quiet Ready Rosy Ruby Russet Sage Scarlet Serene Sharp Silver "
    "Sincere Smart Solar Spry Steady Sunny Swift Tidy Topaz Tranquil True Upbeat Valiant Velvet Violet Vivid Warm "
    "Wise Witty Zesty"
)
_NOUNS = (
    "Albatross Alder Anchor Antelope Aspen Aurora Badger Beacon Beaver Birch Bison Brook Buzzard Canyon Cedar Cheetah "
    "Cloud Comet Compass Condor Coyote Crane Cricket Curlew Cypress Delta Dolphin Dove Dragonfly Eagle Egret Elm "
    "Ember Falcon Fern Finch Firefly Fjord Fox Gazelle Gecko Glacier Grove Gull Hare Harbour Hawk Hazel Heron Hill "
    "Horizon Ibex Iris Island Jackdaw Jaguar Juniper Kestrel Kingfisher Lagoon Lantern Lark Larch Lemur Linnet Lotus "
    "Lynx Magpie Maple Marten Meadow Meteor Moth Narwhal Nightingale Oak Ocelot Orca Orchid Oriole Osprey Otter Owl "
    "Panda Pebble Pelican Penguin Pine Planet Plover Puffin Quail Raven Reef Ridge River Robin Rowan Sable Sailor "
    "Salmon Seal Shore Sparrow Spruce Starling Stork Summit Swallow Swan Tern Thistle Thrush Tiger Toucan Turtle "
    "Valley Walnut Whale Willow Wren Yew Zebra"
)
ADJECTIVES, NOUNS = _ADJECTIVES.split(), _NOUNS.split()
PAIRS = len(ADJECTIVES) * len(NOUNS)


def pseudonym(key: bytes, course_id: str, learner_id: str, attempt: int = 0) -> str:
    """The name of a learner in a course. `attempt` counts names that were taken; later ones carry a number."""
    said = "\x1f".join([course_id, learner_id, str(attempt)]).encode()
    number = int.from_bytes(hmac.digest(key, said, sha256)[:16])
    words = f"{ADJECTIVES[number % PAIRS // len(NOUNS)]} {NOUNS[number % len(NOUNS)]}"
    return words if attempt < 4 else f"{words} {number // PAIRS % 900 + 100}"  # noqa: PLR2004 - words first
