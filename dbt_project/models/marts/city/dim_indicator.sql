select *
from
    values
    (1, 'boardings', '客运量', 'Boardings', 'transit', 'transit.card_tap', '人次', 'boardings', 'up', false),
    (2, 'riders', '乘客数', 'Riders', 'transit', 'transit.card_tap', '人', 'cards', 'up', false),
    (3, 'revenue_cny', '票款收入', 'Fare revenue', 'transit', 'transit.card_tap', '元', 'CNY', 'up', false),
    (4, 'discount_rate', '票款优惠率', 'Discount rate', 'transit', 'transit.card_tap', '', '', 'none', true),
    (5, 'tickets_opened', '热线受理量', 'Tickets opened', 'hotline', 'hotline.ticket', '件', 'tickets', 'none', false),
    (6, 'tickets_transport', '交通类诉求', 'About transport', 'hotline', 'hotline.ticket', '件', 'tickets', 'down', false),
    (7, 'overdue_open', '超期未办结', 'Open and overdue', 'hotline', 'hotline.ticket', '件', 'tickets', 'down', false),
    (8, 'on_time_rate', '按期办结率', 'Closed on time', 'hotline', 'hotline.ticket', '', '', 'up', true),
    (9, 'solved_rate', '解决率', 'Solved', 'hotline', 'hotline.ticket', '', '', 'up', true),
    (10, 'satisfaction_rate', '满意率', 'Satisfied', 'hotline', 'hotline.ticket', '', '', 'up', true)
        as indicators (
            position, indicator_id, indicator_zh, indicator_en, domain, dataset, unit_zh, unit_en, direction, is_rate
        )
