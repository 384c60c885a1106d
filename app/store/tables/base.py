"""What all tables share."""

from sqlalchemy import Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(40)


def fk(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[str]:
    return Column(name, ID, ForeignKey(target), nullable=null, index=index)
