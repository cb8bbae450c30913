package io.github.rnntoolkit.text;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Joins the characters of a piece pair by pair, the pair learnt first before the others
 * (Sennrich et al., 2016).
 */
final class BytePairs extends TokenModel {
    private static final int REMEMBERED_PIECES = 10_000;
    private static final int REMEMBERED_LENGTH = 64;
    private static final int[] NOTHING = {};

    /** The rank of a pair, by its left and right id (32 bits each). */
    private final Map<Long, Integer> ranks = new HashMap<>();
    /** What a pair becomes, by its rank. */
    private final int[] joinedIds;
    private final int unknownId;
    private final boolean joinsUnknown;
    private final boolean wholePiecesFirst;
    private final Map<String, int[]> remembered = new ConcurrentHashMap<>();

    BytePairs(JsonObject part) {
        super(new Vocabulary(part.object("vocab")));
        TokenizerParts.mustBeOff(
                part, "dropout", "continuing_subword_prefix", "end_of_word_suffix",
                "byte_fallback");
        unknownId = part.has("unk_token")
                ? vocabulary.requiredId(part.string("unk_token"), part.where()) : Vocabulary.NONE;
        joinsUnknown = part.flag("fuse_unk", false);
        wholePiecesFirst = part.flag("ignore_merges", false);
        List<Object> pairs = part.list("merges");
        joinedIds = new int[pairs.size()];
        for (int rank = 0; rank < pairs.size(); rank++) {
            String where = part.where() + ".merges[" + rank + "]";
            String[] pair = pair(pairs.get(rank), where);
            int left = vocabulary.requiredId(pair[0], where);
            int right = vocabulary.requiredId(pair[1], where);
            joinedIds[rank] = vocabulary.requiredId(pair[0] + pair[1], where);
            ranks.put(both(left, right), rank);
        }
    }

    /** A merge is written ["a", "b"] or "a b". */
    private static String[] pair(Object given, String where) {
        if (given instanceof List && ((List<?>) given).size() == 2) {
            return new String[] {
                String.valueOf(((List<?>) given).get(0)), String.valueOf(((List<?>) given).get(1))
            };
        }
        String[] parts = given instanceof String ? ((String) given).split(" ", -1) : new String[0];
        if (parts.length != 2) {
            throw new BundleException(
                    where + " must be two tokens, but is " + given + ". Export the model again.");
        }
        return parts;
    }

    @Override
    void addIds(String piece, IdList ids) {
        int[] known = remembered.get(piece);
        if (known == null) {
            known = joined(piece);
            if (piece.length() <= REMEMBERED_LENGTH && remembered.size() < REMEMBERED_PIECES) {
                remembered.put(piece, known);
            }
        }
        ids.addAll(known);
    }

    private int[] joined(String piece) {
        int whole = wholePiecesFirst ? vocabulary.id(piece) : Vocabulary.NONE;
        if (whole != Vocabulary.NONE) {
            return new int[] {whole};
        }
        int[] characters = characters(piece);
        return characters.length == 0 ? NOTHING : new Joining(characters).ids();
    }

    private int[] characters(String piece) {
        IdList found = new IdList();
        boolean afterUnknown = false;
        int place = 0;
        while (place < piece.length()) {
            int end = piece.offsetByCodePoints(place, 1);
            int id = vocabulary.id(piece.substring(place, end));
            boolean unknown = id == Vocabulary.NONE;
            id = unknown ? unknownId : id;
            // Without an unknown token such a character is left out.
            if (id != Vocabulary.NONE && !(unknown && afterUnknown && joinsUnknown)) {
                found.add(id);
            }
            afterUnknown = unknown;
            place = end;
        }
        return found.toArray();
    }

    private static long both(int high, int low) {
        return (long) high << 32 | low & 0xFFFFFFFFL;
    }

    /** One piece while its pairs are joined; a queue keeps the time of a long one in bounds. */
    private final class Joining {
        private final int[] ids; // of the symbols that are left; NONE for one joined to its left
        private final int[] before;
        private final int[] after;
        // Rank and place (32 bits each): the lowest rank first, of equals the one on the left.
        private final PriorityQueue<Long> waiting = new PriorityQueue<>();

        Joining(int[] characters) {
            ids = characters;
            before = new int[ids.length];
            after = new int[ids.length];
            for (int place = 0; place < ids.length; place++) {
                before[place] = place - 1;
                after[place] = place + 1 < ids.length ? place + 1 : -1;
            }
            for (int place = 0; place < ids.length; place++) {
                offer(place);
            }
        }

        int[] ids() {
            while (!waiting.isEmpty()) {
                long first = waiting.poll();
                join((int) first, joinedIds[(int) (first >> 32)]);
            }
            IdList left = new IdList();
            for (int place = 0; place >= 0; place = after[place]) {
                left.add(ids[place]);
            }
            return left.toArray();
        }

        private void offer(int place) {
            Integer rank = rank(place);
            if (rank != null) {
                waiting.add(both(rank, place));
            }
        }

        private Integer rank(int place) {
            if (place < 0 || ids[place] == Vocabulary.NONE || after[place] < 0) {
                return null;
            }
            return ranks.get(both(ids[place], ids[after[place]]));
        }

        private void join(int place, int joined) {
            Integer rank = rank(place);
            // Another pair may stand here by now. Like the tokenizers library, this asks only
            // whether it would become the same token.
            if (rank == null || joinedIds[rank] != joined) {
                return;
            }
            int right = after[place];
            ids[place] = joined;
            ids[right] = Vocabulary.NONE;
            after[place] = after[right];
            if (after[right] >= 0) {
                before[after[right]] = place;
            }
            offer(before[place]);
            offer(place);
        }
    }
}
