package io.github.rnntoolkit.decoding;

/** The best of many scores with the places they came from, of equals those offered first. */
final class BestPlaces {
    private final double[] scores;
    private final int[] rows;
    private final int[] ids;
    private int size;

    /** Keeps a few scores; the search among them is cheap for as many as a beam is wide. */
    BestPlaces(int most) {
        scores = new double[most];
        rows = new int[most];
        ids = new int[most];
    }

    /** Takes a score if it is possible and good enough. */
    void offer(double score, int row, int id) {
        boolean full = size == scores.length;
        boolean possible = score > Scores.IMPOSSIBLE && score < Double.POSITIVE_INFINITY;
        if (!possible || full && score <= scores[size - 1]) {
            return;
        }
        int place = full ? size - 1 : size++;
        while (place > 0 && scores[place - 1] < score) {
            scores[place] = scores[place - 1];
            rows[place] = rows[place - 1];
            ids[place] = ids[place - 1];
            place--;
        }
        scores[place] = score;
        rows[place] = row;
        ids[place] = id;
    }

    int size() {
        return size;
    }

    double score(int place) {
        return scores[place];
    }

    int row(int place) {
        return rows[place];
    }

    int id(int place) {
        return ids[place];
    }
}
