"""Pictures that PostgreSQL draws: a map and a comparison with intervals, each an SVG in the one cell of a table.

Superset has no error bars, and its maps need tiles from outside and a graphics card; an image in a table needs neither.
The columns are those of `marts.kpi_shown`. An image can run nothing; what it says stands in `alt` too.
"""

from string import Formatter

from cockpit.pages import Language
from cockpit.words import DRAWN

# Dots and areas by light. What has no target, or may only be watched, has no colour that judges.
DOTS = {"green": "#3C9A6B", "amber": "#E0A030", "red": "#C8503C", "grey": "#9AA5B1", "none": "#1B5EA8"}
AREAS = {"green": "#CBE8D8", "amber": "#FBE3B5", "red": "#F3C3BA", "grey": "#D5DAE1", "none": "#E3ECF7"}
UNSURE, UNSURE_EDGE = "#FFFFFF", "#7A8797"
FONTS = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Helvetica, Arial, sans-serif"
# Everything below is in the units of the pictures' view boxes.
MAP_WIDTH, MAP_TOP, MAP_HEIGHT = 700, 34, 420
LINE, TOP, LEFT, RIGHT, WIDTH = 36, 60, 118, 470, 700

PERIOD = """case period when 'year' then to_char(period_start, 'YYYY')
 when 'quarter' then to_char(period_start, 'YYYY "Q"Q') when 'month' then to_char(period_start, 'YYYY-MM')
 when 'week' then to_char(period_start, 'MM-DD') || ' – ' || to_char(period_end, 'MM-DD')
 else to_char(period_start, 'YYYY-MM-DD') end"""
OUTLINE = """<g transform="translate(0 {top}) scale({across} {down}) translate({west} 0)"><polygon points="{points}" \
fill="{fill}" stroke="#5B7390" stroke-width="1.5" vector-effect="non-scaling-stroke"/></g>"""
LABEL = """<text x="{x}" y="{y}" text-anchor="middle" font-size="19" fill="#24344a">{name}</text>\
<text x="{x}" y="{below}" text-anchor="middle" font-size="23" font-weight="700" fill="#12365f">{value}</text>"""
NAME = """<text x="0" y="{text_y}" font-size="18" fill="#24344a">{name}</text>\
<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="#EEF2F7"/>"""
WHISKER = """<line x1="{low}" x2="{high}" y1="{y}" y2="{y}" stroke="{stroke}" stroke-width="7" stroke-linecap="round" \
opacity=".45"/>"""
DOT = """<circle cx="{x}" cy="{y}" r="7" stroke-width="2.5" fill="{fill}" stroke="{stroke}"/>"""
SAID = """<text x="{x}" y="{text_y}" font-size="18" fill="#24344a"><tspan font-weight="700">{value}</tspan>\
<tspan fill="#7A8797" font-size="15">{range}</tspan></text>"""
LIMIT = """<line x1="{x}" x2="{x}" y1="{top}" y2="{bottom}" stroke="{colour}" stroke-dasharray="5 4"/>\
<text x="{x}" y="{text_y}" text-anchor="{anchor}" font-size="15" fill="{colour}">{word} {value}</text>"""
HEADING = """<text x="0" y="16" font-size="15" fill="#7A8797">{said}</text>"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{fonts}">{body}</svg>"""
IMAGE = """<img alt="{words}" src="data:image/svg+xml;base64,{svg}"><p>{caveat}</p>"""


def district_map(language: Language) -> str:
    """SQL of the districts' map: filled by light, each with its name and value."""
    narrowed = "cos(radians(map_south))"
    scale = f"least({MAP_WIDTH} / ((map_east - map_west) * {narrowed}), {MAP_HEIGHT} / (map_north - map_south))"
    y = f"{MAP_TOP} + (map_north - lat) * {scale}"
    outline = _mark(
        OUTLINE,
        top=_number(f"{MAP_TOP} + map_north * {scale}"),
        across=_number(f"{scale} * {narrowed}", 3),
        down=_number(f"-1 * {scale}", 3),
        west="-1 * map_west",
        points="translate(boundary, 'POLYGN()', '')",
        fill=_fill(AREAS),
    )
    label = _mark(
        LABEL,
        x=_number(f"(lon - map_west) * {scale} * {narrowed}"),
        y=_number(y),
        below=_number(f"{y} + 28"),
        name=_escaped(f"area_{language}"),
        value=_value(language),
    )
    body = f"{_heading(language)} || {_each(f'{outline} || {label}')}"
    return _image(body, language, f"{MAP_WIDTH}", f"{MAP_TOP + MAP_HEIGHT + 6}")


def intervals(language: Language) -> str:
    """SQL of the comparison: a line per district in the order of codes, its interval and value; the lights' limits."""

    def x(value: str) -> str:
        along = f"{LEFT} + {RIGHT - LEFT} * ({value} - axis_low) / (axis_high - axis_low)"
        return _number(f"case when axis_high > axis_low then {along} else {(LEFT + RIGHT) / 2} + 0 * {value} end")

    y, bottom = f"{TOP} + {LINE} * (place - 0.5)", f"{TOP} + {LINE} * places"
    at = {"y": y, "text_y": f"{y} + 6"}
    stroke = _fill(DOTS, UNSURE_EDGE)
    drawn = [
        _mark(NAME, **at, name=_escaped(f"area_{language}"), left=f"{LEFT}", right=f"{RIGHT}"),
        _or_nothing(_mark(WHISKER, **at, low=x("low"), high=x("high"), stroke=stroke)),
        _or_nothing(_mark(DOT, **at, x=x("value"), fill=_fill(DOTS), stroke=stroke)),
        _mark(SAID, **at, x=f"{RIGHT + 22}", value=_value(language), range=_range("  ")),
    ]
    limits = [
        _mark(
            LIMIT,
            x=x(f"target_{light}"),
            top=f"{TOP - 6}",
            bottom=bottom,
            text_y=f"{TOP - 12}",
            colour=f"'{DOTS[light]}'",
            anchor=f"case when direction = '{side}' then 'end' else 'start' end",
            word=f"'{DRAWN[language][light]}'",
            value=_plain(f"target_{light}"),
        )
        for light, side in (("green", "down"), ("red", "up"))
    ]
    marks = [_heading(language), *map(_or_nothing, limits), _each(" || ".join(drawn))]
    return _image(" || ".join(marks), language, f"{WIDTH}", bottom)


def _image(body: str, language: Language, width: str, height: str) -> str:
    svg = _mark(SVG, width=width, height=height, fonts=f"'{FONTS}'", body=body)
    return _mark(
        IMAGE,
        words=_each(f"{_escaped(f'area_{language}')} || ' ' || {_value(language)} || {_range(' ')}", "; "),
        svg=f"translate(encode(convert_to({svg}, 'UTF8'), 'base64'), chr(10), '')",
        caveat=_escaped(f"caveat_{language}"),
    )


def _mark(template: str, **values: str) -> str:
    """SQL that writes `template` with the values of expressions in its braces; nothing at all where one is unknown."""
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        parts += [f"'{text}'"] if text else []
        parts += [f"({values[name]})"] if name else []
    return " || ".join(parts)


def _or_nothing(drawn: str) -> str:
    return f"coalesce({drawn}, '')"


def _each(drawn: str, between: str = "") -> str:
    """What is drawn of every row, in the order of areas."""
    whole = "order by area_code rows between unbounded preceding and unbounded following"
    return f"string_agg({drawn}, '{between}') over ({whole})"


def _heading(language: Language) -> str:
    """The period, whether it is provisional, and what white means where there is white."""
    words = DRAWN[language]
    return _mark(
        HEADING,
        said=f"{PERIOD} || case when obs_status = 'P' then '{words['provisional']}' else '' end || "
        f"case when bool_or(light_reason = 'not_distinguishable') over () then '   {words['unsure']}' else '' end",
    )


def _fill(colours: dict[str, str], unsure: str = UNSURE) -> str:
    """The colour of a light; where the interval holds the target there is none."""
    cases = " ".join(f"when '{light}' then '{colour}'" for light, colour in colours.items())
    return f"case when light_reason = 'not_distinguishable' then '{unsure}' else case light {cases} end end"


def _value(language: Language) -> str:
    """The value with its unit, where that is short enough for a picture."""
    unit = f"unit_{language}"
    short = f"case when {unit} = '%' then '%' when length({unit}) < 5 then ' ' || {unit} else '' end"
    return f"coalesce({_plain('value')} || {_escaped(short)}, '{DRAWN[language]['none']}')"


def _range(before: str) -> str:
    return f"coalesce('{before}(' || {_plain('low')} || '–' || {_plain('high')} || ')', '')"


def _plain(value: str) -> str:
    """A number with the indicator's decimals, without a point at its end."""
    return f"rtrim(to_char(round({value}::numeric, decimals), 'FM999,999,999,990.999'), '.')"


def _number(value: str, places: int = 1) -> str:
    return f"round(({value})::numeric, {places})"


def _escaped(text: str) -> str:
    return f"replace(replace(replace(replace({text}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '\"', '&quot;')"
