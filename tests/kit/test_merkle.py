"""Trees that only grow: RFC 9162, against the vectors of the reference implementation of its first edition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.kit.merkle import Tree, inclusion_path, leaf_hash, root_by_path

# github.com/google/certificate-transparency, merkletree/merkle_tree_test.cc
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree = tree.with_leaf(leaf)
    return tree


def test_roots_are_those_of_the_reference() -> None:
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
    assert [grown(leaves[:size]).root for size in range(1, 9)] == ROOTS
    assert Tree().root == hashlib.sha256(b"").hexdigest()


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_and_no_other_stands_in_its_place(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    root, index = grown(leaves).root, data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    assert root_by_path(leaves[index], index, size, path) == root
    assert root_by_path(leaf_hash(b"another"), index, size, path) != root
    for other in set(range(size)) - {index}:
        try:
            assert root_by_path(leaves[index], other, size, path) != root
        except ValueError:
            continue


@given(st.integers(0, 70))
def test_a_stored_tree_goes_on_as_it_was(size: int) -> None:
    tree = grown([leaf_hash(bytes([number])) for number in range(size)])
    assert Tree.stored(tree.size, tree.text()) == tree
    with pytest.raises(ValueError, match="none of a tree"):
        Tree.stored(size + 1 if size.bit_count() != (size + 1).bit_count() else size + 2, tree.text() + "00")


@pytest.mark.parametrize(
    ("index", "size", "steps"), [(0, 0, 0), (1, 1, 0), (-1, 3, 1), (0, 2, 0), (0, 2, 2), (0, 1, 1)]
)
def test_a_path_of_no_such_tree_is_refused(index: int, size: int, steps: int) -> None:
    with pytest.raises(ValueError, match="tree of"):
        root_by_path(leaf_hash(b""), index, size, [leaf_hash(b"")] * steps)
