import pytest
from tests import factories as make

from ballast.areas.registry.selectors import visible_enterprises


@pytest.mark.django_db
def test_a_province_officer_sees_only_the_enterprises_of_the_province():
    nation = make.region("CN", level="nation")
    inside = make.enterprise(region=make.region("310100", make.region("310000", nation)))
    make.enterprise(region=make.region("320000", nation))
    officer = make.user("province_officer", region="310000")
    assert list(visible_enterprises(officer)) == [inside]
