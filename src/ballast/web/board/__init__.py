"""What Today, the map and the portal show: areas' figures joined for one person, one idea a module."""
