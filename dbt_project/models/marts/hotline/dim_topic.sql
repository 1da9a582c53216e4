select *
from
    values
    ('transport', '公共交通', 'Public transport'),
    ('sanitation', '市容环卫', 'Sanitation'),
    ('noise', '噪声扰民', 'Noise'),
    ('utilities', '供水供电', 'Water and power'),
    ('housing', '物业管理', 'Housing management'),
    ('social_security', '社会保障', 'Social security'),
    ('education', '教育入学', 'Education'),
    ('health', '医疗卫生', 'Health care'),
    ('other', '其他', 'Other')
        as topics (topic, topic_zh, topic_en)
