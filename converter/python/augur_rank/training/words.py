"""The words of the synthetic shop: departments, their categories in the order in which people
come to need them, kinds of product with a price range, and invented model names.

A department is a journey: a visitor who has bought a tent next looks for a sleeping bag, then for a
stove. `categories` are in that order, and the generator's "complement" steps follow it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CategoryWords:
    """A category's name, its prices, and the kinds of product in it."""

    name: str
    lowest_price: int
    highest_price: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class DepartmentWords:
    """A department's name, the words of its styles, and its categories in the order of a journey."""

    name: str
    styles: tuple[str, ...]  # style 0 has no word
    models: str  # a key of MODEL_NAMES
    categories: tuple[CategoryWords, ...]


MODEL_NAMES = {
    "birds": (
        "Kestrel", "Lapwing", "Plover", "Curlew", "Dunlin", "Siskin", "Linnet", "Pipit",
        "Wheatear", "Redstart", "Bittern", "Avocet", "Fieldfare", "Brambling", "Goldcrest",
        "Sandpiper", "Turnstone", "Whimbrel", "Wigeon", "Nuthatch", "Treecreeper", "Dipper",
    ),
    "plants": (
        "Heather", "Bracken", "Larch", "Rowan", "Alder", "Hazel", "Juniper", "Sorrel", "Yarrow",
        "Tansy", "Clover", "Mallow", "Teasel", "Campion", "Bryony", "Harebell", "Saxifrage",
        "Gorse", "Lichen", "Thistle", "Sedge", "Woodruff",
    ),
    "skies": (
        "Halo", "Zenith", "Solstice", "Equinox", "Twilight", "Meridian", "Penumbra", "Cirrus",
        "Nimbus", "Stratus", "Parallax", "Perihelion", "Umbra", "Borealis", "Gloaming", "Daybreak",
        "Moonrise", "Starfall", "Afterglow", "Sundial", "Northlight", "Half-moon",
    ),
}

DEPARTMENTS = (
    DepartmentWords("Camping", ("", "Ultralight", "Expedition", "Recycled"), "birds", (
        CategoryWords("Tents", 90, 640, (
            "tunnel tent", "two-person tent", "dome tent", "family tent", "bivouac tent",
            "tarp shelter")),
        CategoryWords("Sleeping bags", 40, 420, (
            "down sleeping bag", "three-season sleeping bag", "summer sleeping bag",
            "mummy sleeping bag", "quilt", "double sleeping bag")),
        CategoryWords("Camping stoves", 25, 190, (
            "gas stove", "spirit stove", "wood stove", "folding stove", "two-ring stove",
            "stove and pot set")),
        CategoryWords("Head torches", 15, 120, (
            "head torch", "rechargeable head torch", "clip-on torch", "waterproof head torch",
            "camp lantern", "wide-beam head torch")),
    )),
    DepartmentWords("Trail running", ("", "Lightweight", "Race", "Winter"), "birds", (
        CategoryWords("Trail running shoes", 70, 210, (
            "trail running shoes", "fell shoes", "cushioned trail shoes", "waterproof trail shoes",
            "wide trail shoes", "mountain running shoes")),
        CategoryWords("Running jackets", 45, 260, (
            "rain jacket", "wind jacket", "hooded running jacket", "running gilet",
            "reflective jacket", "packable jacket")),
        CategoryWords("Hydration vests", 40, 180, (
            "hydration vest", "5-litre running vest", "10-litre running vest", "bottle belt",
            "running backpack", "soft-flask vest")),
        CategoryWords("Running watches", 80, 520, (
            "running watch", "altimeter watch", "heart-rate watch", "navigation watch",
            "slim running watch", "long-battery watch")),
    )),
    DepartmentWords("Cycling", ("", "Compact", "Touring", "City"), "birds", (
        CategoryWords("Bicycles", 390, 2900, (
            "gravel bicycle", "road bicycle", "folding bicycle", "step-through bicycle",
            "steel bicycle", "belt-drive bicycle")),
        CategoryWords("Cycle helmets", 35, 240, (
            "cycle helmet", "visor helmet", "ventilated helmet", "helmet with light",
            "adjustable helmet", "rounded helmet")),
        CategoryWords("Panniers", 30, 220, (
            "roll-top pannier", "pair of panniers", "handlebar bag", "pannier rucksack",
            "saddle bag", "waterproof pannier")),
        CategoryWords("Cycle lights", 12, 140, (
            "front light", "rear light", "light set", "dynamo light", "helmet light",
            "rechargeable light set")),
    )),
    DepartmentWords("Coffee", ("", "Compact", "Barista", "Retro"), "plants", (
        CategoryWords("Coffee grinders", 30, 480, (
            "hand grinder", "burr grinder", "conical grinder", "espresso grinder",
            "quiet grinder", "weighing grinder")),
        CategoryWords("Espresso machines", 140, 1900, (
            "espresso machine", "lever espresso machine", "two-boiler espresso machine",
            "stove-top espresso maker", "portable espresso maker", "pump espresso machine")),
        CategoryWords("Coffee beans", 8, 42, (
            "espresso roast", "light roast", "dark roast", "decaffeinated roast", "house blend",
            "single-farm roast")),
        CategoryWords("Coffee cups", 6, 70, (
            "espresso cups", "cappuccino cups", "travel cup", "glass cups", "stoneware cups",
            "tasting cups")),
    )),
    DepartmentWords("Baking", ("", "Professional", "Colourful", "Mini"), "plants", (
        CategoryWords("Stand mixers", 90, 720, (
            "stand mixer", "tilt-head mixer", "bowl-lift mixer", "dough mixer", "hand mixer",
            "planetary mixer")),
        CategoryWords("Baking tins", 8, 75, (
            "loaf tin", "springform tin", "muffin tin", "bundt tin", "tart tin", "baking tray")),
        CategoryWords("Kitchen scales", 12, 110, (
            "kitchen scale", "flat scale", "precision scale", "bowl scale", "balance scale",
            "waterproof scale")),
        CategoryWords("Cake decoration", 5, 60, (
            "piping set", "icing turntable", "sugar flowers", "stencil set", "sprinkles box",
            "fondant tools")),
    )),
    DepartmentWords("Photography", ("", "Compact", "Studio", "Vintage"), "skies", (
        CategoryWords("Cameras", 280, 3400, (
            "mirrorless camera", "rangefinder camera", "reflex camera", "film camera",
            "medium-format camera", "action camera")),
        CategoryWords("Lenses", 110, 2200, (
            "35 mm lens", "50 mm lens", "85 mm portrait lens", "macro lens", "wide-angle lens",
            "telephoto lens")),
        CategoryWords("Tripods", 25, 460, (
            "carbon tripod", "aluminium tripod", "table tripod", "video tripod", "monopod",
            "ball-head tripod")),
        CategoryWords("Camera bags", 20, 310, (
            "camera rucksack", "shoulder bag", "sling bag", "hard case", "lens pouch",
            "insert for rucksacks")),
    )),
    DepartmentWords("Painting", ("", "Beginner's", "Studio", "Travel"), "skies", (
        CategoryWords("Easels", 25, 340, (
            "field easel", "table easel", "H-frame easel", "tripod easel", "box easel",
            "folding easel")),
        CategoryWords("Canvases", 6, 130, (
            "linen canvas", "cotton canvas", "canvas boards", "canvas roll", "square canvas",
            "panoramic canvas")),
        CategoryWords("Paint sets", 12, 210, (
            "watercolour set", "oil paint set", "acrylic set", "gouache set", "tempera set",
            "ink set")),
        CategoryWords("Brushes", 5, 120, (
            "round brushes", "flat brushes", "fan brushes", "sable brushes", "bristle brushes",
            "palette knives")),
    )),
)
