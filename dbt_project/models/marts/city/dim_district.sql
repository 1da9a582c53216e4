select *
from
    values
    ('990101', '中枢区', 'Zhongshu'),
    ('990102', '滨河区', 'Binhe'),
    ('990103', '东岭区', 'Dongling'),
    ('990104', '西苑区', 'Xiyuan'),
    ('990105', '南屏区', 'Nanping'),
    ('990106', '北塘区', 'Beitang'),
    ('990107', '云谷区', 'Yungu'),
    ('990108', '青岚区', 'Qinglan')
        as districts (district_code, district_zh, district_en)
