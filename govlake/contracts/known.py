"""Every custom property that govlake acts on, by the level it stands at, with the kind of its value.

What ODCS has a field for is never a custom property. `docs/contracts.md` explains each with an example.
"""

# Inherited: given for the contract, they hold for each of its tables that says nothing else.
INHERITED = {
    "titleEn": "text",
    "titleZh": "text",
    "nullValues": "texts",
    "orderBy": "text",
    "occurrence": "flag",
    "optional": "flag",
    "limit": "share",
}

TABLE = {**INHERITED, "coordinates": "places"}

CONTRACT = {
    **INHERITED,
    "department": "text",
    "delivery": "text",
    "timezone": "text",
    "sharingClass": "text",
    "sharingBasis": "text",
    "standardEntity": "text",
    "authority": "text",
    "volumeLow": "share",
    "volumeHigh": "factor",
}

COLUMN = {
    "titleEn": "text",
    "titleZh": "text",
    "aliases": "texts",
    "optional": "flag",
    "formats": "texts",
    "timezone": "text",
    "nullValues": "texts",
    "codes": "codes",
    "decimals": "whole",
    "pseudonymise": "flag",
    "fullwidth": "text",
    "sentinels": "texts",
    "standard": "text",
    "levels": "texts",
    "codeTable": "text",
    "validOn": "text",
    "abolished": "text",
    "owner": "text",
    "limit": "share",
}

# How a department's system is asked, for all that is not a folder: govlake/contracts/connection.py.
REACH = {
    "user": "text",
    "secret": "text",
    "hostKey": "text",
    "tls": "text",
    "authHeader": "text",
    "cursor": "text",
    "overlap": "text",
    "since": "text",
    "paging": "text",
    "pageParam": "text",
    "firstPage": "whole",
    "sizeParam": "text",
    "pageSize": "whole",
    "nextPath": "text",
    "totalPath": "text",
    "timeout": "whole",
    "deadline": "whole",
}

SERVER = {
    "deliveries": "deliveries",
    "encoding": "text",
    "delimiter": "text",
    "quote": "text",
    "headerRow": "whole",
    "skipRowsMatching": "text",
    "member": "text",
    "sheet": "text",
    "recordPath": "text",
    "unpivot": "codes",
    **REACH,
}

QUALITY = {"messageZh": "text", "gbt": "text", "owner": "text", "limit": "share"}

TEAM = {"nameZh": "text"}
