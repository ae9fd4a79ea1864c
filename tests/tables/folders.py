"""A small table folder in which every column of every table is filled."""
# ruff: noqa: E501

from pathlib import Path

TABLES = {
    "products": """product,name,name_zh,unit,industry
ore,Ore,矿石,t,B08
part,Part,零件,piece,C36
car,Car,汽车,vehicle,C36
""",
    "enterprises": """enterprise_id,name,name_zh,region,industry,identifier,size,key_list,key_batch,chains
E1,Mine,矿山公司,220000,B08,EX0000000000000001,large,true,1,automobile;medical
E2,"Parts, Ltd",零件公司,310000,C36,,small,false,,automobile
E3,Cars,汽车公司,310000,C36,,,,,
""",
    "sites": """site_id,enterprise_id,name,name_zh,region,product,daily_output_value,recovery_days,minimum_rate,latitude,longitude
S1,E1,Mine 1,一号矿,220000,ore,1000.5,3,0.1,43.9,125.3
S2,E2,Works,工厂,310000,part,2000,,,31.2,121.5
S3,E3,Plant,总装厂,310000,car,,,,,
""",
    "needs": """site_id,product,daily_use,unit,stock,blocked_stock,in_transit,stock_upper,target_days,essential,substitutable_share,outside_share,reported_at
S2,ore,10,t,40,5,2.5,80,10,true,,0.25,2022-04-28T08:00:00Z
S3,part,100,piece,250,,,,,,,,
S3,ore,0,t,,,,500,,false,0.5,,
""",
    "links": """supplier_site,customer_site,product,daily_quantity,lead_days,provenance,as_of
S1,S2,ore,7.5,1,verified,2022-03-31
S2,S3,part,,2,,
S1,S3,ore,1,1.5,inferred,
""",
    "events": """event_id,kind,subject,start,end,capacity_left,case_id,name,name_zh
EV1,site,S1,2022-04-28,2022-05-07,0,C-7,Closed,封闭
EV2,region,310000,2022-04-01,,0.5,,,
EV3,product,ore,2022-05-01,2022-05-02,,,,
EV4,lane,220000>S2,2022-05-01,,,,,
EV5,lane,*>310000,2022-05-01,,,,,
""",
    "offers": """offer_id,site_id,enterprise_id,product,quantity,unit,from,until,region,terms
O1,S1,E1,ore,500,t,2022-05-01,2022-05-31,220000,Ex works
O2,,E2,part,1,piece,,,,
""",
    "requests": """request_id,site_id,enterprise_id,product,quantity,unit,from,until,region,terms
R1,S3,E3,part,1000,piece,2022-05-01,2022-05-31,310000,Urgent
""",
    "series": """series_id,period,value,unit,published_at
IVA,2022-03,5.0,percent,2022-04-18T02:00:00Z
IVA,2022-04,,percent,2022-05-16T02:00:00Z
""",
    "commodities": """commodity_id,name,name_zh,product,special,price_series,stock_series,use_series,supply_series,need_series,cost_sector
ore,Iron ore,铁矿石,ore,true,ore price,ore stock,ore use,ore supply,ore need,c2
urea,Urea,,,,,,,,,
""",
}


def write(path: Path, encoding: str = "utf-8", **replaced: str | None) -> Path:
    """The folder with some tables replaced, or left out when None is given."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (TABLES | replaced).items():
        if text is not None:
            (path / f"{name}.csv").write_bytes(text.encode(encoding))
    return path


def changed(table: str, old: str, new: str) -> dict[str, str]:
    """The table's text with one thing changed, as an argument of `write`."""
    assert TABLES[table].count(old) == 1, (table, old)
    return {table: TABLES[table].replace(old, new)}
